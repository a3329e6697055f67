/** What a Bot's states are kept by; `thread` is (chat, topic). */
export type StateKeyKind = 'chat_user' | 'chat' | 'user' | 'thread';

/** The keys of one Telegram update: all that ordering and state need, without the rest of its content. */
export interface UpdateKeys {
  updateId: number;
  /** Name of the update's only other field: message, callback_query, … */
  kind: string;
  chatId: number | undefined;
  userId: number | undefined;
  threadId: number | undefined;
  /** Of updates without chat and user: inline_message_id or poll id. */
  otherId: string | undefined;
}

interface Party { id?: unknown }
interface UpdateBody {
  chat?: Party;
  from?: Party;
  user?: Party;
  message?: { chat?: Party; message_thread_id?: unknown; is_topic_message?: unknown };
  message_thread_id?: unknown;
  is_topic_message?: unknown;
  inline_message_id?: unknown;
  poll_id?: unknown;
  id?: unknown;
}

const idOf = (party: Party | undefined): number | undefined => (typeof party?.id === 'number' ? party.id : undefined);

/** Reads the keys of a parsed update; undefined when it is not an update (no integer update_id, or no body). */
export function readUpdateKeys(update: unknown): UpdateKeys | undefined {
  if (typeof update !== 'object' || update === null) return undefined;
  const record = update as Record<string, unknown>;
  const updateId = record['update_id'];
  const kind = Object.keys(record).find((key) => key !== 'update_id' && typeof record[key] === 'object' && record[key] !== null);
  if (typeof updateId !== 'number' || !Number.isSafeInteger(updateId) || updateId < 0 || kind === undefined) return undefined;

  const body = record[kind] as UpdateBody;
  const topic = body.is_topic_message === true ? body.message_thread_id : body.message?.is_topic_message === true ? body.message.message_thread_id : undefined;
  const other = body.inline_message_id ?? body.poll_id ?? (kind === 'poll' ? body.id : undefined);
  return {
    updateId,
    kind,
    chatId: idOf(body.chat) ?? idOf(body.message?.chat),
    userId: idOf(body.from) ?? idOf(body.user),
    threadId: typeof topic === 'number' ? topic : undefined,
    otherId: typeof other === 'string' ? other : undefined,
  };
}

/** Updates of one order key are worked on one after the other: the chat; for bots with stateKey `user` the user; else what identifies the update. */
export function orderKeyOf(keys: UpdateKeys, stateKey: StateKeyKind): string {
  if (stateKey === 'user' && keys.userId !== undefined) return `u${keys.userId}`;
  if (keys.chatId !== undefined) return `c${keys.chatId}`;
  if (keys.userId !== undefined) return `u${keys.userId}`;
  return `o${safeToken(keys.otherId ?? String(keys.updateId))}`;
}

/** The key under which the conversation and the state of this update are kept. It always lies inside one order key. */
export function stateKeyOf(keys: UpdateKeys, stateKey: StateKeyKind): string {
  const order = orderKeyOf(keys, stateKey);
  if (keys.chatId === undefined || stateKey === 'user' || stateKey === 'chat') return order;
  if (stateKey === 'thread') return keys.threadId === undefined ? order : `${order}_t${keys.threadId}`;
  return keys.userId === undefined ? order : `${order}_u${keys.userId}`;
}

/** Keeps what subjects and KV keys allow; anything else is written as hex so that two ids never become one. */
function safeToken(text: string): string {
  return /^[A-Za-z0-9-]{1,64}$/.test(text) ? text : `x${Buffer.from(text).toString('hex').slice(0, 128)}`;
}
