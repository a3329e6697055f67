/** Prices of the shop, in coins. */
const TOTAL_BY_SIZE: Readonly<Record<string, number>> = { small: 3, large: 4 };

/** One answer of the shop's API. */
export interface QuoteAnswer {
  readonly status: number;
  readonly body: object;
}

/** `GET /quote?size=small|large` → `{"total": 3|4}`; `/healthz` and `/readyz` for the supervisor. */
export function answerQuote(method: string, url: string): QuoteAnswer {
  const { pathname, searchParams } = new URL(url, 'http://shop.example');
  if (pathname === '/healthz' || pathname === '/readyz') return { status: 200, body: { status: 'ok' } };
  if (pathname !== '/quote') return { status: 404, body: { error: 'not found' } };
  if (method !== 'GET') return { status: 405, body: { error: 'use GET' } };
  const total = TOTAL_BY_SIZE[searchParams.get('size') ?? ''];
  if (total === undefined) return { status: 400, body: { error: 'size must be small or large' } };
  return { status: 200, body: { total } };
}
