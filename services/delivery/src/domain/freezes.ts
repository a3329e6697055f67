import { FREEZES_MAX, FROZEN_CHATS_MAX } from '../limits.ts';

/** Until when chats and bots must be left alone after a 429. Telegram does not say which of the two it means: several chats at once mean the bot. */
export class Freezes {
  private readonly until = new Map<string, number>();
  private readonly chatsOf = new Map<string, Map<string, number>>();

  /** Notes a 429; true when it froze the whole bot. */
  freeze(botId: string, chat: string, forMs: number, nowMs: number): boolean {
    this.forgetPast(nowMs);
    const isBot = this.freezeChat(botId, chat, forMs, nowMs) >= FROZEN_CHATS_MAX;
    if (isBot) this.extend(botId, nowMs + forMs);
    return isBot;
  }

  /** Notes what an earlier owner was told of a chat, or of the whole bot. */
  restore(botId: string, chat: string | undefined, forMs: number, nowMs: number): void {
    if (forMs <= 0) return;
    if (chat === undefined) this.extend(botId, nowMs + forMs);
    else this.freezeChat(botId, chat, forMs, nowMs);
  }

  /** How long this chat must still be left alone. */
  waitMs(botId: string, chat: string, nowMs: number): number {
    if (this.until.size === 0) return 0;
    return Math.max(0, (this.until.get(`${botId}/${chat}`) ?? 0) - nowMs, (this.until.get(botId) ?? 0) - nowMs);
  }

  /** Chats and bots that are frozen now. */
  count(nowMs: number): number {
    return [...this.until.values()].filter((untilMs) => untilMs > nowMs).length;
  }

  /** Returns how many chats of the bot are frozen now. */
  private freezeChat(botId: string, chat: string, forMs: number, nowMs: number): number {
    const chats = this.chatsOf.get(botId) ?? new Map<string, number>();
    for (const [key, untilMs] of chats) if (untilMs <= nowMs) chats.delete(key);
    chats.set(chat, nowMs + forMs);
    this.chatsOf.set(botId, chats);
    this.extend(`${botId}/${chat}`, nowMs + forMs);
    return chats.size;
  }

  private extend(key: string, untilMs: number): void {
    this.until.set(key, Math.max(untilMs, this.until.get(key) ?? 0));
  }

  private forgetPast(nowMs: number): void {
    if (this.until.size < FREEZES_MAX) return;
    for (const [key, untilMs] of this.until) if (untilMs <= nowMs) this.until.delete(key);
    for (const [botId, chats] of this.chatsOf) if ([...chats.values()].every((untilMs) => untilMs <= nowMs)) this.chatsOf.delete(botId);
  }
}
