/**
 * What a busy bot does beside its answer: one thing for each update, by the update's number. Updates are told apart by their number
 * alone, so bot and judge need not talk to each other.
 */
const DEEDS = ['nothing', 'more', 'call', 'timer', 'stumble', 'refused', 'kept'] as const;
type Deed = (typeof DEEDS)[number];

/** Part of the updates that one kind of deed gets. */
export const DEED_SHARE = 1 / DEEDS.length;

const deedOf = (k: number): Deed => DEEDS[k % DEEDS.length] ?? 'nothing';

/** Messages that arrive beside the answer, each once. */
export function extraTexts(k: number): readonly string[] {
  const deed = deedOf(k);
  return deed === 'more' || deed === 'timer' ? [`${deed} ${k}`] : [];
}

/** The message that Telegram refuses, since its markup has no end. */
export const refusedText = (k: number): string | undefined => (deedOf(k) === 'refused' ? `<b>refused ${k}` : undefined);

/** Host that busy bots call. */
export const API_HOST = 'api.example';
const TIMER_MS = 1_000;

/**
 * Code of a busy bot, which goes between what a compiler made and ALL_KINDS_CODE. `call` is a POST, whose result is kept; `stumble` is a
 * GET whose first answer makes the guest fail, once.
 */
export const DEEDS_CODE = `
;(() => {
  const inner = botplane.run;
  const deeds = ${JSON.stringify(DEEDS)};
  const methods = { call: 'POST', stumble: 'GET' };
  const send = (chat, text, more) => ({ method: 'sendMessage', params: { chat_id: chat, text, ...more }, chat: String(chat), lane: 'reply' });
  const ask = (method) => ({ call: { stepPath: 'flows.count.steps[0]', visit: 1, method, url: 'https://${API_HOST}/', headers: {}, timeoutMs: 10000, retries: 3, backoffMs: 50 }, continuation: null });
  const add = {
    more: (output, { chat, k }) => output.effects.push(send(chat, 'more ' + k)),
    refused: (output, { chat, k }) => output.effects.push(send(chat, '<b>refused ' + k, { parse_mode: 'HTML' })),
    kept: (output) => output.messages = { retentionMs: 86400000, piiPolicy: 'mask', inputIsPersonal: false, personal: [] },
    timer: (output, { chat, k, nowMs }) => output.timers.push({ key: 'deed-' + k, nonce: chat + ' ' + k, atMs: nowMs + ${TIMER_MS} }),
  };
  /** The compiled bot knows nothing of these timers: what is armed stands in the state, beside its own. */
  const withTimers = (output) => ({ ...output, state: { ...output.state, armed: output.timers } });
  const ring = ({ state, event: { key, nonce } }) => {
    const armed = state.armed ?? [];
    const isDue = armed.some((timer) => timer.key === key && timer.nonce === nonce);
    const [chat, k] = nonce.split(' ').map(Number);
    return { state, timers: armed.filter((timer) => timer.key !== key), effects: isDue ? [send(chat, 'timer ' + k)] : [], events: [], outcome: { kind: 'handled' } };
  };
  const run = (input) => {
    if (input.event.kind === 'timer') return withTimers(ring(input));
    const { message, callback_query } = input.event.update;
    const { chat, text } = message ?? callback_query.message;
    const update = { chat: chat.id, k: Number(text), nowMs: input.env.nowMs };
    const deed = deeds[update.k % deeds.length];
    const { armed = [], ...state } = input.state;
    const method = methods[deed];
    if (method !== undefined && input.resume === undefined) return { state: input.state, effects: [], timers: armed, events: [], outcome: { kind: 'handled' }, request: ask(method) };
    const result = input.resume?.result;
    if (result !== undefined && (!result.ok || (deed === 'stumble' && result.body.times === 1))) throw new Error('the ' + deed + ' did not go well');
    const output = JSON.parse(inner(JSON.stringify({ ...input, state, resume: undefined })));
    output.timers = [...output.timers, ...armed];
    add[deed]?.(output, update);
    return withTimers(output);
  };
  botplane = { run: (json) => JSON.stringify(run(JSON.parse(json))) };
})();
`;
