import { useEffect, useState } from 'preact/hooks';
import { press, send } from './api.ts';
import { readFile } from './read-file.ts';
import type { ChatEvent, InlineButton, KeyboardButton, Message, Person } from './types.ts';

/** A button stops looking busy after this long without an answer. */
const PRESS_MS_MAX = 10_000;

/** What a person can do in a chat, and the notices that come back. */
export interface Actions {
  toast: string;
  alert: string;
  /** The button that waits for its answer. */
  waiting: { messageId: number; data: string } | null;
  /** Tells about an answer to a press. */
  onEvent: (event: ChatEvent) => void;
  /** All of these resolve to whether it worked; if not, a toast says why. */
  sendText: (token: string, text: string, replyTo: Message | null) => Promise<boolean>;
  sendKey: (token: string, button: KeyboardButton) => Promise<boolean>;
  sendFile: (token: string, file: File) => Promise<boolean>;
  pressButton: (token: string, message: Message, button: InlineButton) => void;
  clear: () => void;
  closeToast: () => void;
  closeAlert: () => void;
}

export function useActions(person: Person): Actions {
  const [toast, setToast] = useState('');
  const [alert, setAlert] = useState('');
  const [waiting, setWaiting] = useState<Actions['waiting']>(null);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setWaiting(null), PRESS_MS_MAX);
    return () => clearTimeout(timer);
  }, [waiting]);

  const attempt = async (action: () => Promise<unknown>): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      setToast(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
  const say = (token: string, content: Record<string, unknown>): Promise<boolean> => attempt(() => send(token, person, content));
  const sendText: Actions['sendText'] = (token, text, replyTo) =>
    say(token, { text: text.trim(), ...(replyTo && { reply_to_message: { message_id: replyTo.message_id } }) });

  return {
    toast, alert, waiting, sendText,
    onEvent(event) {
      if (event.kind !== 'callback_answer') return;
      setWaiting(null);
      if (event.show_alert && event.text !== '') setAlert(event.text);
      else if (event.text !== '') setToast(event.text);
      openLink(event.url);
    },
    sendKey(token, button) {
      const { id, first_name } = person;
      if (button.request_contact) return say(token, { contact: { phone_number: `+4930${id}567`, first_name, user_id: id } });
      if (button.request_location) return say(token, { location: { latitude: 50.4501, longitude: 30.5234 } });
      return sendText(token, button.text, null);
    },
    sendFile: (token, file) => attempt(async () => send(token, person, await readFile(file))),
    pressButton(token, message, { callback_data: data, url }) {
      if (data === undefined) {
        if (!openLink(url ?? '')) setToast('The playground cannot open this kind of button.');
        return;
      }
      setWaiting({ messageId: message.message_id, data });
      void attempt(() => press(token, person, message.message_id, data)).then((ok) => { if (!ok) setWaiting(null); });
    },
    clear: () => setWaiting(null),
    closeToast: () => setToast(''),
    closeAlert: () => setAlert(''),
  };
}

/** Opens a web page beside the playground; other schemes are left alone. */
function openLink(url: string): boolean {
  if (!/^https?:/i.test(url)) return false;
  window.open(url, '_blank', 'noopener');
  return true;
}
