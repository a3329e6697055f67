import type { GuestInput, GuestOutput } from '@botplane/contracts';

type Message = { text?: string; chat: { id: number } };

/** What an input's update says, and where. */
export function said(input: GuestInput): { text: string; chat: number } {
  const update = (input.event.kind === 'update' ? input.event.update : {}) as unknown as { message?: Message; callback_query?: { id: string; message: Message } };
  const message = update.message ?? update.callback_query?.message;
  return { text: update.callback_query === undefined ? (message?.text ?? '') : `press ${update.callback_query.id}`, chat: message?.chat.id ?? 0 };
}

export function handled(input: GuestInput, more: Partial<GuestOutput> = {}): GuestOutput {
  return { state: input.state, effects: [], timers: [], events: [], outcome: { kind: 'handled' }, ...more };
}

export function say(chat: number, text: string): GuestOutput['effects'][number] {
  return { method: 'sendMessage', params: { chat_id: chat, text }, chat: String(chat), lane: 'reply' };
}

/** Answers the n-th text with `n:text` and remembers n. */
export function counting(input: GuestInput): GuestOutput {
  const { text, chat } = said(input);
  const n = Number(input.state['n'] ?? 0) + 1;
  return handled(input, { state: { ...input.state, n }, effects: [say(chat, `${n}:${text}`)] });
}
