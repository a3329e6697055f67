import type { Caller } from '../domain/api-key.ts';
import { BULK_MS_MAX, DELETE_ROWS_MAX } from '../limits.ts';
import type { EraseTarget, Messages } from './message-ports.ts';
import type { AuditLog, Clock } from './ports.ts';

/** Deletes the messages of a chat or a person for good, also those that are not written yet. */
export class EraseMessages {
  private readonly messages: Messages;
  private readonly audit: AuditLog;
  private readonly clock: Clock;

  constructor(messages: Messages, audit: AuditLog, clock: Clock) {
    this.messages = messages;
    this.audit = audit;
    this.clock = clock;
  }

  /** `complete: false`: the rest comes with the next call. */
  async execute(caller: Caller, target: EraseTarget): Promise<{ removed: number; complete: boolean }> {
    const startedMs = this.clock.nowMs();
    const upTo = new Date(startedMs);
    const subject = 'chatId' in target ? { chatId: target.chatId, userId: null } : { chatId: null, userId: target.userId };
    const path = 'chatId' in target ? `chats/${target.chatId}` : `users/${target.userId}`;
    await this.audit.add({ actor: caller.keyId, action: 'messages.erase', target: `bots/${target.botId}/${path}/messages`, details: { upTo: upTo.toISOString() } });
    await this.messages.noteErasure({ botId: target.botId, ...subject, erasedAt: upTo });
    let removed = 0;
    for (;;) {
      const deleted = await this.messages.erase(target, upTo, DELETE_ROWS_MAX);
      removed += deleted;
      if (deleted < DELETE_ROWS_MAX) return { removed, complete: true };
      if (this.clock.nowMs() - startedMs > BULK_MS_MAX) return { removed, complete: false };
    }
  }
}
