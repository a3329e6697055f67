import { Dialog, Icon } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { addFault, listFaults, removeFault } from './api.ts';
import type { Fault } from './types.ts';

const REFRESH_MS = 2_000;
/** As good as for ever: until it is removed. */
const UNTIL_REMOVED = 1_000_000;

const KINDS = [
  ['429', '429 Too Many Requests', 'with retry_after'], ['403', '403 Forbidden', 'bot was blocked by the user'], ['400', '400 Bad Request', ''], ['500', '500 Internal Server Error', ''],
  ['timeout', 'Timeout', 'no answer for a minute'], ['reset', 'Connection reset', 'before anything is done'], ['sent_then_reset', 'Sent, then reset', 'done, but the answer is lost'], ['slow', 'Slow', 'a late answer'],
] as const;

const labelOf = (kind: string): string => KINDS.find(([code]) => code === kind)?.[1] ?? kind;

export interface Faults {
  list: Fault[];
  problem: string;
  add: (fault: Record<string, unknown>) => Promise<void>;
  remove: (id: string) => Promise<void>;
}

/** The faults that wait to happen to a bot. */
export function useFaults(token: string | null): Faults {
  const [list, setList] = useState<Fault[]>([]);
  const [problem, setProblem] = useState('');
  const look = async (): Promise<void> => {
    if (token === null || document.hidden) return;
    await listFaults(token).then(({ faults }) => setList(faults), () => undefined);
  };
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [token]);
  const change = async (what: Promise<unknown>): Promise<void> => {
    setProblem('');
    // One that was used up in the meantime is gone as well.
    await what.catch((error: unknown) => setProblem((error as Error).message));
    await look();
  };
  return { list, problem, add: (fault) => change(addFault({ token, ...fault })), remove: (id) => change(removeFault(id)) };
}

const tellOf = ({ kind, method, count, retryAfterS, delayMs }: Fault): string => [
  labelOf(kind), method ?? 'any method', ...(retryAfterS === undefined ? [] : [`retry after ${retryAfterS} s`]), ...(delayMs === undefined ? [] : [`${delayMs / 1_000} s`]), count > 100_000 ? 'until removed' : `${count} left`,
].join(' · ');

/** The active faults, in sight as long as there are any. */
export function FaultBar({ faults }: { faults: Faults }): JSX.Element | null {
  if (faults.list.length === 0) return null;
  return (
    <ul class="fault-bar" aria-label="Active faults">
      {faults.list.map((fault) => (
        <li key={fault.id} class="chip warn"><Icon name="bolt" />{tellOf(fault)}<button type="button" aria-label={`Remove the fault ${labelOf(fault.kind)}`} onClick={() => void faults.remove(fault.id)}><Icon name="close" /></button></li>
      ))}
    </ul>
  );
}

/** Switches for a bad network and a Bot API that refuses. */
export function FaultsDialog({ faults, onClose }: { faults: Faults; onClose: () => void }): JSX.Element {
  const [kind, setKind] = useState('429');
  const [method, setMethod] = useState('');
  const [count, setCount] = useState(1);
  const [seconds, setSeconds] = useState(3);
  const slow = faults.list.filter((fault) => fault.kind === 'slow' && fault.count > 100_000);
  const toggleSlow = async (isOn: boolean): Promise<void> => {
    if (isOn) await faults.add({ kind: 'slow', delay_ms: 2_000, count: UNTIL_REMOVED });
    else for (const fault of slow) await faults.remove(fault.id);
  };
  const takesSeconds = kind === '429' || kind === 'slow' || kind === 'timeout';
  const add = (): Promise<void> => faults.add({
    kind, count, ...(method.trim() !== '' && { method: method.trim() }), ...(kind === '429' && { retry_after: seconds }), ...((kind === 'slow' || kind === 'timeout') && { delay_ms: seconds * 1_000 }),
  });
  return (
    <Dialog title="Network and faults" onClose={onClose}>
      <div class="form">
        <label class="check"><input type="checkbox" role="switch" checked={slow.length > 0} onChange={(event) => void toggleSlow(event.currentTarget.checked)} />Slow network: each call of the bot takes 2 seconds longer</label>
        <form class="form boxed" onSubmit={(event) => { event.preventDefault(); void add(); }}>
          <div class="form-row">
            <label>Fault<select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>{KINDS.map(([code, label, hint]) => <option key={code} value={code}>{label}{hint === '' ? '' : ` (${hint})`}</option>)}</select></label>
            <label>Method<input value={method} placeholder="any" list="methods" onInput={(event) => setMethod(event.currentTarget.value)} /></label>
          </div>
          <datalist id="methods">{['sendMessage', 'editMessageText', 'answerCallbackQuery', 'sendPhoto', 'sendChatAction'].map((name) => <option key={name} value={name} />)}</datalist>
          <div class="form-row">
            <label>Calls it hits<input type="number" min={1} max={1_000_000} value={count} onInput={(event) => setCount(Math.max(1, event.currentTarget.valueAsNumber || 1))} /></label>
            {takesSeconds && <label>{kind === '429' ? 'retry_after, seconds' : 'Delay, seconds'}<input type="number" min={1} max={600} value={seconds} onInput={(event) => setSeconds(Math.max(1, event.currentTarget.valueAsNumber || 1))} /></label>}
          </div>
          <div class="actions"><button type="submit" class="primary">Add the fault</button></div>
        </form>
        {faults.problem !== '' && <p class="problem" role="alert">{faults.problem}</p>}
        <h3>Active</h3>
        {faults.list.length === 0 ? <p class="hint">None: calls of the bot are answered at once.</p> : <FaultBar faults={faults} />}
      </div>
    </Dialog>
  );
}
