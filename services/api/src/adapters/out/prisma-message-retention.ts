import { Prisma } from '@botplane/db';
import type { Db } from '@botplane/db';
import type { MessageRetention } from '../../app/message-ports.ts';
import { monthOfTable } from '../../domain/month.ts';
import type { Month } from '../../domain/month.ts';
import { TABLE_LOCK_MS_MAX, WRITE_MS_MAX, WRITE_WAIT_MS_MAX } from '../../limits.ts';
import { storeAnswers } from './store-errors.ts';

/** One replica at a time changes partitions or deletes. */
const TIDY_LOCK_KEY = 7_266_803;
const TRANSACTION = { timeout: WRITE_MS_MAX, maxWait: WRITE_WAIT_MS_MAX };

/** Partitions of `messages`, and rows that are too old. */
export class PrismaMessageRetention implements MessageRetention {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async ensureMonths(months: readonly Month[]): Promise<void> {
    const present = new Set((await this.months()).map(({ table }) => table));
    const missing = months.filter(({ table }) => !present.has(table));
    // Names and bounds are made of digits: a statement of this kind takes no parameters.
    for (const { table, from, to } of missing) {
      await this.changeTable(`CREATE TABLE IF NOT EXISTS "${table}" PARTITION OF messages FOR VALUES FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`);
    }
  }

  async months(): Promise<Month[]> {
    const rows = await storeAnswers(() => this.db.$queryRaw<{ name: string }[]>`
      SELECT child.relname AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid WHERE inhparent = 'messages'::regclass ORDER BY 1`);
    return rows.map(({ name }) => monthOfTable(name)).filter((month) => month !== undefined);
  }

  async longestMs(): Promise<number> {
    const { _max } = await storeAnswers(() => this.db.messageRetention.aggregate({ _max: { retentionMs: true } }));
    return Number(_max.retentionMs ?? 0);
  }

  async drop(months: readonly Month[]): Promise<void> {
    for (const { table } of months) await this.changeTable(`DROP TABLE IF EXISTS "${table}"`);
  }

  async deleteExpired(now: Date, max: number): Promise<number> {
    return storeAnswers(() => this.db.$transaction(async (tx) => {
      const [lock] = await tx.$queryRaw<{ held: boolean }[]>`SELECT pg_try_advisory_xact_lock(${TIDY_LOCK_KEY}::bigint) AS held`;
      if (lock?.held !== true) return 0;
      // For each bot its oldest rows only, by the index, so that a round without work reads next to nothing.
      return tx.$executeRaw`
        DELETE FROM messages WHERE (bot_id, chat_id, role, external_id, created_at) IN (
          SELECT old.bot_id, old.chat_id, old.role, old.external_id, old.created_at
          FROM message_retentions AS bot CROSS JOIN LATERAL (
            SELECT * FROM messages
            WHERE messages.bot_id = bot.bot_id AND messages.created_at <= ${now}::timestamptz - bot.retention_ms * interval '1 millisecond'
            ORDER BY messages.created_at LIMIT ${max}) AS old
          LIMIT ${max})`;
    }, TRANSACTION));
  }

  async forgetErasures(before: Date): Promise<void> {
    await storeAnswers(() => this.db.messageErasure.deleteMany({ where: { erasedAt: { lt: before } } }));
  }

  private async changeTable(statement: string): Promise<void> {
    await storeAnswers(() => this.db.$transaction([
      this.db.$executeRaw`SELECT pg_advisory_xact_lock(${TIDY_LOCK_KEY}::bigint)`,
      this.db.$executeRaw(Prisma.raw(`SET LOCAL lock_timeout = ${TABLE_LOCK_MS_MAX}`)),
      this.db.$executeRaw(Prisma.raw(statement)),
    ]));
  }
}
