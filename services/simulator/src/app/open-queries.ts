import { OPEN_QUERIES_PER_BOT_MAX, QUERY_AGE_MS_MAX } from '../limits.ts';

/** Kinds of updates that want one answer soon, besides presses of buttons. */
export const QUERY_KINDS = ['pre_checkout_query', 'shipping_query', 'inline_query', 'chat_join_request'] as const;
export type QueryKind = (typeof QUERY_KINDS)[number];

/** One question to the bot, and what it answered. */
export interface OpenQuery {
  readonly id: string;
  readonly kind: QueryKind;
  readonly userId: number;
  readonly createdAtMs: number;
  /** What was typed, of an inline query. */
  readonly query: string;
  /** Parameters of the answer. */
  answer: Record<string, unknown> | null;
}

/** The queries of a bot that can still be answered. They live for seconds, so a restart forgets them. */
export class OpenQueries {
  private readonly queries = new Map<string, OpenQuery>();

  /** Notes the query of an update, if it is one. */
  register(kind: string, body: unknown, nowMs: number): void {
    if (!isQueryKind(kind)) return;
    const { id, query_id, from, query } = (body ?? {}) as { id?: unknown; query_id?: unknown; from?: { id?: number }; query?: unknown };
    const name = kind === 'chat_join_request' ? query_id : id;
    if (typeof name !== 'string') return;
    if (this.queries.size >= OPEN_QUERIES_PER_BOT_MAX) this.queries.delete(this.queries.keys().next().value as string);
    this.queries.set(name, { id: name, kind, userId: from?.id ?? 0, createdAtMs: nowMs, query: typeof query === 'string' ? query : '', answer: null });
  }

  get(id: string): OpenQuery | undefined {
    return this.queries.get(id);
  }

  /** The query when an answer of this kind is still in time and the first one. */
  answerable(id: string, kind: QueryKind, nowMs: number): OpenQuery | undefined {
    const query = this.queries.get(id);
    if (!query || query.kind !== kind || query.answer !== null) return undefined;
    return nowMs - query.createdAtMs > QUERY_AGE_MS_MAX[kind] ? undefined : query;
  }

  clear(): void {
    this.queries.clear();
  }
}

const isQueryKind = (kind: string): kind is QueryKind => (QUERY_KINDS as readonly string[]).includes(kind);
