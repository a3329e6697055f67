import type { OutboundCall } from '@botplane/contracts';
import { BULK_BOT_BURST, BULK_CHAT_PER_SECOND, BULK_GROUP_BURST, BULK_GROUP_PER_SECOND, CHATS_CACHED_MAX, PAID_BOT_BURST, PAID_BOT_PER_SECOND, REPLY_BURST, REPLY_CHAT_PER_SECOND } from '../limits.ts';
import { TokenBucket } from './token-bucket.ts';

/** Telegram counts what makes a new message; edits and answers are free of these limits. */
export const makesMessage = (method: string): boolean => /^(send|forward|copy)/.test(method) && method !== 'sendChatAction' && method !== 'sendMessageDraft';

const isGroup = (chat: string): boolean => !/^\d+$/.test(chat);

type Lane = Pick<OutboundCall, 'botId' | 'lane'>;
type Paced = Pick<OutboundCall, 'botId' | 'lane' | 'method'>;

/** The token buckets of bots and chats. Replies have none per bot, and per chat only after a burst. */
export class Pacing {
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly bulkPerSecond: number;

  constructor(bulkPerSecond: number) {
    this.bulkPerSecond = bulkPerSecond;
  }

  /** How long a call must wait for its chat; 0: not at all. */
  chatWaitMs(call: Paced, chat: string, nowMs: number): number {
    return makesMessage(call.method) ? this.ofChat(call, chat, nowMs).waitMs(nowMs) : 0;
  }

  /** How long what makes a message must wait for its bot; 0: not at all. */
  botWaitMs(lane: Lane, nowMs: number): number {
    return this.ofBot(lane, nowMs)?.waitMs(nowMs) ?? 0;
  }

  /** Takes what a call costs. */
  take(call: Paced, chat: string, nowMs: number): void {
    if (!makesMessage(call.method)) return;
    this.ofChat(call, chat, nowMs).take(nowMs);
    this.ofBot(call, nowMs)?.take(nowMs);
  }

  private ofChat({ lane, botId }: Lane, chat: string, nowMs: number): TokenBucket {
    if (lane === 'reply') return this.bucket(`reply/${botId}/${chat}`, REPLY_CHAT_PER_SECOND, REPLY_BURST, nowMs);
    const key = `bulk/${botId}/${chat}`;
    return isGroup(chat) ? this.bucket(key, BULK_GROUP_PER_SECOND, BULK_GROUP_BURST, nowMs) : this.bucket(key, BULK_CHAT_PER_SECOND, 1, nowMs);
  }

  private ofBot({ lane, botId }: Lane, nowMs: number): TokenBucket | undefined {
    if (lane === 'reply') return undefined;
    return lane === 'bulk' ? this.bucket(`bulk/${botId}`, this.bulkPerSecond, BULK_BOT_BURST, nowMs) : this.bucket(`paid/${botId}`, PAID_BOT_PER_SECOND, PAID_BOT_BURST, nowMs);
  }

  private bucket(key: string, perSecond: number, burst: number, nowMs: number): TokenBucket {
    const known = this.buckets.get(key);
    if (known) return known;
    if (this.buckets.size >= CHATS_CACHED_MAX) this.forgetFull(nowMs);
    const made = new TokenBucket(perSecond, burst, nowMs);
    this.buckets.set(key, made);
    return made;
  }

  private forgetFull(nowMs: number): void {
    for (const [key, bucket] of this.buckets) if (bucket.isFull(nowMs)) this.buckets.delete(key);
  }
}
