import { createHash } from 'node:crypto';

/** Prices of the coffee club, in coins. */
const TOTAL_BY_SIZE: Readonly<Record<string, number>> = { small: 3, large: 4 };
/** What the shop sells. */
const PRODUCTS = [
  { sku: 'C1', name: 'Coffee', price: 7.5 },
  { sku: 'T1', name: 'Tea', price: 4 },
] as const;
/** The key in examples/shop/secret.yaml; not a real one. */
const ORDER_KEY = 'Bearer example-key-of-the-shop';

/** One request to the shop's API. */
export interface ShopRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Its answer, as JSON. */
export interface ShopAnswer {
  readonly status: number;
  readonly body: object;
}

const METHODS: Readonly<Record<string, string>> = { '/quote': 'GET', '/products': 'GET', '/orders': 'POST' };

/**
 * `GET /quote?size=small|large` → `{"total": 3|4}`; `GET /products`; `POST /orders` with the key of the example → 201 `{"id"}`, the same for
 * the same Idempotency-Key; `/healthz` and `/readyz` for the supervisor.
 */
export function answerShop({ method, url, authorization, idempotencyKey }: ShopRequest): ShopAnswer {
  const { pathname, searchParams } = new URL(url, 'http://shop.example');
  if (pathname === '/healthz' || pathname === '/readyz') return { status: 200, body: { status: 'ok' } };
  const wanted = METHODS[pathname];
  if (wanted === undefined) return { status: 404, body: { error: 'not found' } };
  if (method !== wanted) return { status: 405, body: { error: `use ${wanted}` } };
  if (pathname === '/quote') return quote(searchParams.get('size') ?? '');
  if (pathname === '/products') return { status: 200, body: { products: PRODUCTS } };
  return order(authorization, idempotencyKey);
}

function quote(size: string): ShopAnswer {
  const total = TOTAL_BY_SIZE[size];
  return total === undefined ? { status: 400, body: { error: 'size must be small or large' } } : { status: 200, body: { total } };
}

function order(authorization: string | undefined, idempotencyKey: string | undefined): ShopAnswer {
  if (authorization !== ORDER_KEY) return { status: 401, body: { error: 'the key is not known' } };
  if (!idempotencyKey) return { status: 400, body: { error: 'Idempotency-Key is missing' } };
  return { status: 201, body: { id: `A-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 8)}` } };
}
