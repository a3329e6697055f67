import type { OutboundCall } from '@botplane/contracts';
import { BULK_BOT_PER_SECOND, BULK_CHAT_PER_SECOND, BULK_GROUP_BURST, BULK_GROUP_PER_SECOND, CHATS_CACHED_MAX, PAID_BOT_PER_SECOND, REPLY_BURST, REPLY_CHAT_PER_SECOND } from '../limits.ts';
import { TokenBucket } from './token-bucket.ts';

type Lane = OutboundCall['lane'];

/** Telegram counts what makes a new message; edits and answers are free of these limits. */
export const makesMessage = (method: string): boolean => /^(send|forward|copy)/.test(method) && method !== 'sendChatAction' && method !== 'sendMessageDraft';

const isGroup = (chat: string): boolean => !/^\d+$/.test(chat);

/** The token buckets of bots and chats. Replies have none per bot, and per chat only after a burst. */
export class Pacing {
  private readonly buckets = new Map<string, TokenBucket>();

  /** How long a call must wait for its lane; 0: it may go now. */
  waitMs(call: OutboundCall, chat: string, nowMs: number): number {
    if (!makesMessage(call.method)) return 0;
    return Math.max(...this.of(call.lane, call.botId, chat, nowMs).map((bucket) => bucket.waitMs(nowMs)));
  }

  /** Takes what a call costs. */
  take(call: OutboundCall, chat: string, nowMs: number): void {
    if (!makesMessage(call.method)) return;
    for (const bucket of this.of(call.lane, call.botId, chat, nowMs)) bucket.take(nowMs);
  }

  private of(lane: Lane, botId: string, chat: string, nowMs: number): TokenBucket[] {
    if (lane === 'reply') return [this.bucket(`reply/${botId}/${chat}`, REPLY_CHAT_PER_SECOND, REPLY_BURST, nowMs)];
    const perSecond = lane === 'bulk' ? BULK_BOT_PER_SECOND : PAID_BOT_PER_SECOND;
    const ofChat = isGroup(chat)
      ? this.bucket(`bulk/${botId}/${chat}`, BULK_GROUP_PER_SECOND, BULK_GROUP_BURST, nowMs)
      : this.bucket(`bulk/${botId}/${chat}`, BULK_CHAT_PER_SECOND, 1, nowMs);
    return [this.bucket(`${lane}/${botId}`, perSecond, 1, nowMs), ofChat];
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
