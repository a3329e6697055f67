import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Acts } from './api.ts';
import type { MessageActs } from './bubble.tsx';
import type { Entry } from './conversation.ts';
import { actOf, contentOf } from './keyboards.ts';
import type { HeaderActs } from './pane-header.tsx';
import type { Pane } from './panes.ts';
import { newPerson } from './people.ts';
import type { ChatEvent, ChatView, InlineButton, KeyboardButton, Message, Paid, Person } from './types.ts';

/** A button stops looking busy after this long without an answer. */
const PRESS_MS_MAX = 10_000;

export type PaneDialog =
  | { kind: 'alert'; text: string }
  | { kind: 'picture'; url: string; alt: string }
  | { kind: 'checkout'; message: Message }
  | { kind: 'person' | 'group' | 'members' | 'export' };

interface Wanted {
  username: string;
  pane: Pane;
  person: Person;
  people: Person[];
  input: RefObject<HTMLTextAreaElement | null>;
  onChange: (pane: Pane) => void;
  onClose: () => void;
  onPeople: (people: Person[]) => void;
  onInspect: (message: Message | null) => void;
  onLink: (url: string, shown: string) => void;
}

/** What a person can do in a pane, and the notices that come back. */
export interface PaneState {
  toast: { text: string; isError: boolean };
  waiting: { messageId: number; data: string } | null;
  replyTo: Message | null;
  editing: Message | null;
  inserted: { text: string } | null;
  files: File[];
  dialog: PaneDialog | null;
  header: HeaderActs;
  message: MessageActs;
  setFiles: (files: File[]) => void;
  setDialog: (dialog: PaneDialog | null) => void;
  closeToast: () => void;
  cancel: () => void;
  /** Resolves to whether it worked; if not, a toast says why. */
  sendText: (text: string, replyTo: Message | null) => Promise<boolean>;
  /** Rejects when it did not work. */
  sendContent: (content: Record<string, unknown>) => Promise<void>;
  sendKey: (button: KeyboardButton) => void;
  editLast: (entries: readonly Entry[]) => void;
  askToJoin: () => void;
  pay: (message: Message, decline: boolean) => Promise<Paid>;
  act: (what: (acts: Acts) => Promise<unknown>, told?: string) => Promise<boolean>;
  onEvent: (event: ChatEvent) => void;
  /** Tells in each render what the acts are about. */
  bind: (acts: Acts | null, view: ChatView | null, box: RefObject<HTMLElement | null>) => void;
}

export function usePaneActs({ username, pane, person, people, input, onChange, onClose, onPeople, onInspect, onLink }: Wanted): PaneState {
  const [toast, setToast] = useState({ text: '', isError: false });
  const [waiting, setWaiting] = useState<PaneState['waiting']>(null);
  const [replyTo, setReplyTo] = useState<Message | null>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const [inserted, setInserted] = useState<{ text: string } | null>(null);
  const [files, setFiles] = useState<File[]>([]);
  const [dialog, setDialog] = useState<PaneDialog | null>(null);
  const bound = useRef<{ acts: Acts | null; view: ChatView | null; box: RefObject<HTMLElement | null> }>({ acts: null, view: null, box: { current: null } });
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setWaiting(null), PRESS_MS_MAX);
    return () => clearTimeout(timer);
  }, [waiting]);
  useEffect(() => { setReplyTo(null); setEditing(null); setWaiting(null); setDialog(null); }, [pane.userId, pane.chatId]);

  const say = (text: string, isError = false): void => setToast({ text, isError });
  const needed = (): Acts => {
    if (!bound.current.acts) throw new Error('The chat is not loaded yet.');
    return bound.current.acts;
  };
  const act: PaneState['act'] = async (what, told) => {
    try {
      await what(needed());
      if (told !== undefined) say(told);
      return true;
    } catch (error) {
      say(error instanceof TypeError ? 'No connection to the simulator.' : (error as Error).message, true);
      return false;
    }
  };
  const sendContent: PaneState['sendContent'] = async (content) => {
    const { update_id } = await needed().send(content);
    if (update_id === null) say(pane.chatId === person.id ? 'The bot does not see this message.' : `The bot does not see this message: ${bound.current.view?.bot_status === 'left' ? 'it is not in the group' : 'privacy mode'}.`);
  };
  const sendText: PaneState['sendText'] = async (text, to) => {
    if (editing) {
      const change = editing.text === undefined ? { caption: text.trim() } : { text: text.trim() };
      const done = await act((acts) => acts.edit(editing.message_id, change));
      if (done) setEditing(null);
      return done;
    }
    const done = await act(() => sendContent({ text: text.trim(), ...(to && { reply_to_message: { message_id: to.message_id } }) }));
    if (done) setReplyTo(null);
    return done;
  };
  const press = (message: Message, button: InlineButton): void => {
    const what = actOf(button, username);
    if (what.kind === 'link') onLink(what.url, button.text);
    if (what.kind === 'none') say(what.why);
    if (what.kind === 'insert') setInserted({ text: what.text });
    if (what.kind === 'pay') setDialog({ kind: 'checkout', message });
    if (what.kind === 'copy') void navigator.clipboard.writeText(what.text).then(() => say('Copied'), () => say('This browser does not let the page copy.', true));
    if (what.kind !== 'data') return;
    setWaiting({ messageId: message.message_id, data: what.data });
    void act((acts) => acts.press(message.message_id, what.data)).then((ok) => { if (!ok) setWaiting(null); });
  };

  return {
    toast, waiting, replyTo, editing, inserted, files, dialog, setFiles, setDialog, sendText, sendContent, act,
    closeToast: () => say(''),
    cancel: () => { setReplyTo(null); setEditing(null); },
    sendKey(button) {
      const content = contentOf(button, person);
      if (typeof content['why'] === 'string') say(content['why']);
      else void act(() => sendContent(content));
    },
    editLast(entries) {
      const own = entries.findLast((entry) => entry.kind === 'message' && entry.message.from.id === person.id && (entry.message.text ?? entry.message.caption) !== undefined);
      if (own?.kind === 'message') setEditing(own.message);
    },
    askToJoin: () => void act((acts) => acts.requestToJoin(), 'Asked to join'),
    pay: (message, decline) => needed().pay(message.message_id, decline),
    onEvent(event) {
      if (event.kind !== 'callback_answer' || event.user_id !== person.id) return;
      setWaiting(null);
      if (event.show_alert && event.text !== '') setDialog({ kind: 'alert', text: event.text });
      else if (event.text !== '') say(event.text);
      if (event.url !== '') onLink(event.url, '');
    },
    bind: (acts, view, box) => { bound.current = { acts, view, box }; },
    header: {
      become: (userId) => onChange({ userId, chatId: pane.chatId === pane.userId ? userId : pane.chatId }),
      newPerson() {
        const person = newPerson([...people, ...(bound.current.view?.users ?? [])]);
        onPeople([...people, person]);
        onChange({ userId: person.id, chatId: person.id });
      },
      editPerson: () => setDialog({ kind: 'person' }),
      speak: (language_code) => onPeople(people.some(({ id }) => id === person.id) ? people.map((one) => (one.id === person.id ? { ...one, language_code } : one)) : [...people, { ...person, language_code }]),
      openChat: (chatId) => onChange({ ...pane, chatId }),
      newGroup: () => setDialog({ kind: 'group' }),
      showMembers: () => setDialog({ kind: 'members' }),
      join: () => void act((acts) => acts.setMember(person, 'member')),
      leave: () => void act((acts) => acts.setMember(person, 'left')),
      block: (blocked) => void act((acts) => acts.block(blocked), blocked ? 'Blocked: the bot gets 403 when it writes' : 'Unblocked'),
      exportChat: () => setDialog({ kind: 'export' }),
      close: onClose,
    },
    message: {
      press, link: onLink, inspect: onInspect,
      command: (text) => void sendText(text, null),
      picture: (picture) => setDialog({ kind: 'picture', ...picture }),
      reply: (message) => { setReplyTo(message); input.current?.focus(); },
      edit: setEditing,
      remove: (message) => void act((acts) => acts.remove(message.message_id)),
      react: (message, emoji) => void act((acts) => acts.react(message.message_id, emoji === null ? [] : [{ type: 'emoji', emoji }])),
      vote: (message, ids) => void act((acts) => acts.vote(message.message_id, ids)),
      pay: (message) => setDialog({ kind: 'checkout', message }),
      jump(messageId) {
        const row = bound.current.box.current?.querySelector<HTMLElement>(`[data-message-id="${messageId}"]`);
        if (!row) { say('That message is further up; load older messages first.'); return; }
        row.scrollIntoView({ block: 'center' });
        row.focus();
      },
    },
  };
}
