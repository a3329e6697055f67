/** One message of a person, as Telegram sends it: about 0.5 KB. */
export interface PersonsMessage {
  updateId: number;
  chat: number;
  json: string;
}

const PADDING = 'x'.repeat(200);
/** Private chats have the ids of their people. */
const FIRST_CHAT = 1_000_000;

/** The text that comes back names the update and when it was due: `7#1700000000000.5#xxx…`. */
export function makeMessage(updateId: number, chat: number, dueMs: number): PersonsMessage {
  const id = FIRST_CHAT + chat;
  const person = { id, is_bot: false, first_name: 'Ada', language_code: 'en' };
  const text = `${updateId}#${dueMs.toFixed(2)}#${PADDING}`;
  const update = { update_id: updateId, message: { message_id: updateId, date: 1_700_000_000, chat: { id, type: 'private', first_name: 'Ada' }, from: person, text } };
  return { updateId, chat: id, json: JSON.stringify(update) };
}

/** The query before a payment of the same person; its id says what a message's text says. */
export function makeCheckout(updateId: number, chat: number, dueMs: number): PersonsMessage {
  const id = FIRST_CHAT + chat;
  const from = { id, is_bot: false, first_name: 'Ada', language_code: 'en' };
  const update = { update_id: updateId, pre_checkout_query: { id: `${updateId}#${dueMs.toFixed(2)}#`, from, currency: 'XTR', total_amount: 1, invoice_payload: 'bench' } };
  return { updateId, chat: id, json: JSON.stringify(update) };
}

/** Undefined for a text that is none of ours. */
export function readAnswer(text: string): { updateId: number; dueMs: number } | undefined {
  const [, updateId, dueMs] = /(\d+)#([\d.]+)#/.exec(text) ?? [];
  return updateId === undefined ? undefined : { updateId: Number(updateId), dueMs: Number(dueMs) };
}
