import { Icon, JsonView } from '@botplane/ui';
import type { ComponentChild, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { traceMessage } from './api.ts';
import type { Call, Message, Trace, TracedUpdate } from './types.ts';

interface Props {
  username: string;
  chatId: number;
  message: Message;
  /** Changes whenever something happened, so that the drawer looks again. */
  version: number;
  onClose: () => void;
}

/** What stands behind a message: the raw update, its delivery, the API calls it caused. */
export function Drawer({ username, chatId, message, version, onClose }: Props): JSX.Element {
  const [trace, setTrace] = useState<Trace | null>(null);
  const [error, setError] = useState('');
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    let gone = false;
    traceMessage(username, chatId, message.message_id).then(
      (found) => { if (!gone) { setTrace(found); setError(''); } },
      (reason: unknown) => { if (!gone) setError(reason instanceof Error ? reason.message : String(reason)); },
    );
    return () => { gone = true; };
  }, [username, chatId, message.message_id, version]);
  useEffect(() => close.current?.focus(), []);
  return (
    <aside class="drawer" aria-label={`Behind message ${message.message_id}`}>
      <header>
        <h2>Message {message.message_id}</h2>
        <button ref={close} type="button" class="round" aria-label="Close" onClick={onClose}><Icon name="close" /></button>
      </header>
      <div class="drawer-body">
        {error !== '' && <p class="problem">{error}</p>}
        {trace && <Story trace={trace} message={message} />}
        <Section title="The message now"><JsonView label="Message" value={message} /></Section>
      </div>
    </aside>
  );
}

function Story({ trace, message }: { trace: Trace; message: Message }): JSX.Element {
  const quiet = trace.updates.length === 0 && trace.sentBy === null;
  return (
    <>
      {quiet && <p class="hint">{message.from.is_bot ? 'The call that sent it is not kept any more.' : 'The bot got no update for this message: privacy mode hid it, or nobody was to be told.'}</p>}
      {trace.sentBy && <Section title="Sent by"><CallRow call={trace.sentBy} open /></Section>}
      {trace.answers && <Section title="Probably in answer to"><UpdateRow traced={trace.answers} /></Section>}
      {trace.updates.map((traced) => (
        <Section key={traced.update.update_id} title={traced.kind === 'callback_query' ? 'Button pressed' : 'Update'}>
          <UpdateRow traced={traced} open={traced.kind !== 'callback_query'} />
          <h4>{traced.calls.length === 0 ? 'No API calls yet' : `API calls it caused (${traced.calls.length})`}</h4>
          {traced.calls.map((call) => <CallRow key={call.seq} call={call} />)}
        </Section>
      ))}
    </>
  );
}

function Section({ title, children }: { title: string; children: ComponentChild }): JSX.Element {
  return <section><h3>{title}</h3>{children}</section>;
}

function UpdateRow({ traced, open = false }: { traced: TracedUpdate; open?: boolean }): JSX.Element {
  const last = traced.deliveries.at(-1);
  const state = traced.pending ? (last ? `retrying, ${last.error ?? last.status}` : 'waiting for the bot') : last ? `${last.status} in ${last.ms} ms` : 'settled';
  return (
    <details open={open}>
      <summary><code>{traced.kind}</code><span class={`chip ${traced.pending ? 'warn' : 'good'}`}>{state}</span></summary>
      <JsonView label="Update" value={traced.update} />
    </details>
  );
}

function CallRow({ call, open = false }: { call: Call; open?: boolean }): JSX.Element {
  const good = call.status === 200;
  return (
    <details open={open}>
      <summary>
        <code>{call.method}</code>
        {call.fault !== undefined && <span class="chip warn">fault {call.fault}</span>}
        <span class={`chip ${good ? 'good' : 'bad'}`}>{call.status ?? 'no answer'}</span>
      </summary>
      <h4>Parameters</h4><JsonView label="Parameters" value={call.params} />
      <h4>Answer</h4><JsonView label="Answer" value={call.response} />
    </details>
  );
}
