import { Prisma } from '@botplane/db';
import type { Db } from '@botplane/db';
import type { EraseTarget, MessageCursor, MessageFilter, Messages } from '../../app/message-ports.ts';
import { isErased } from '../../domain/stored-message.ts';
import type { ArrivedMessage, Erasure, StoredMessage } from '../../domain/stored-message.ts';
import { WRITE_MS_MAX, WRITE_WAIT_MS_MAX } from '../../limits.ts';
import { storeAnswers } from './store-errors.ts';

/** Writers hold this lock together, whoever notes an erasure holds it alone: no writer works with an older list of erasures after that. */
const ERASURE_LOCK_KEY = 7_266_802;
const TRANSACTION = { timeout: WRITE_MS_MAX, maxWait: WRITE_WAIT_MS_MAX };

/** Messages in the partitioned table `messages`. */
export class PrismaMessages implements Messages {
  private readonly db: Db;
  /** Retentions written last, so that they are written again only when they change. */
  private readonly retentions = new Map<string, number>();

  constructor(db: Db) {
    this.db = db;
  }

  async write(messages: readonly ArrivedMessage[]): Promise<number> {
    const changed = newestRetentions(messages).filter(({ row, retentionMs }) => this.retentions.get(row.botId) !== retentionMs);
    const written = await storeAnswers(() => this.db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(${ERASURE_LOCK_KEY}::bigint)`;
      const erasures = await tx.messageErasure.findMany({ where: { botId: { in: [...new Set(messages.map(({ row }) => row.botId))] } } });
      for (const { row, retentionMs } of changed) await noteRetention(tx, row.botId, retentionMs, row.createdAt);
      const rows = messages.map(({ row }) => row).filter((row) => !isErased(row, erasures));
      return (await tx.message.createMany({ data: rows, skipDuplicates: true })).count;
    }, TRANSACTION));
    for (const { row, retentionMs } of changed) this.retentions.set(row.botId, retentionMs);
    return written;
  }

  async page(filter: MessageFilter, after: MessageCursor | undefined, max: number): Promise<StoredMessage[]> {
    const { botId, chatId, role, kind, userId, threadId, since, until } = filter;
    const where: Prisma.MessageWhereInput = {
      botId, chatId, ...(role === undefined ? {} : { role }), ...(kind === undefined ? {} : { kind }), ...(userId === undefined ? {} : { userId }), ...(threadId === undefined ? {} : { threadId }),
      createdAt: { ...(since === undefined ? {} : { gte: since }), ...(until === undefined ? {} : { lt: until }) },
      ...(after === undefined ? {} : { OR: [{ createdAt: { lt: after.createdAt } }, { createdAt: after.createdAt, id: { lt: after.id } }] }),
    };
    return storeAnswers(() => this.db.message.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: max }));
  }

  async noteErasure({ botId, chatId, userId, erasedAt }: Erasure): Promise<void> {
    await storeAnswers(() => this.db.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ERASURE_LOCK_KEY}::bigint)`;
      await tx.messageErasure.create({ data: { botId, chatId, userId, erasedAt } });
    }, TRANSACTION));
  }

  async erase(target: EraseTarget, upTo: Date, max: number): Promise<number> {
    const whose = 'chatId' in target ? Prisma.sql`chat_id = ${target.chatId}` : Prisma.sql`user_id = ${target.userId}`;
    return storeAnswers(() => this.db.$executeRaw`
      DELETE FROM messages WHERE (bot_id, chat_id, role, external_id, created_at) IN (
        SELECT bot_id, chat_id, role, external_id, created_at FROM messages
        WHERE bot_id = ${target.botId} AND created_at <= ${upTo} AND ${whose} LIMIT ${max})`);
  }

  async isAnswering(): Promise<boolean> {
    try {
      return (await this.db.$queryRaw<unknown[]>`SELECT 1`).length === 1;
    } catch {
      return false;
    }
  }
}

/** The newest message of each bot. */
function newestRetentions(messages: readonly ArrivedMessage[]): ArrivedMessage[] {
  const newest = new Map<string, ArrivedMessage>();
  for (const message of messages) {
    const known = newest.get(message.row.botId);
    if (known === undefined || known.row.createdAt <= message.row.createdAt) newest.set(message.row.botId, message);
  }
  // Always in the same order, so that two writers do not wait for each other.
  return [...newest.values()].sort((a, b) => (a.row.botId < b.row.botId ? -1 : 1));
}

async function noteRetention(tx: Prisma.TransactionClient, botId: string, retentionMs: number, asOf: Date): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO message_retentions AS known (bot_id, retention_ms, as_of) VALUES (${botId}, ${retentionMs}, ${asOf})
    ON CONFLICT (bot_id) DO UPDATE SET retention_ms = excluded.retention_ms, as_of = excluded.as_of WHERE known.as_of <= excluded.as_of`;
}
