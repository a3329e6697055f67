import { expect, it } from 'vitest';
import { answerShop } from './quote.ts';

it('quotes sizes and lists products', () => {
  expect(answerShop({ method: 'GET', url: '/quote?size=large' })).toEqual({ status: 200, body: { total: 4 } });
  expect(answerShop({ method: 'GET', url: '/quote?size=huge' }).status).toBe(400);
  expect(answerShop({ method: 'GET', url: '/products' }).status).toBe(200);
  expect(answerShop({ method: 'POST', url: '/products' })).toEqual({ status: 405, body: { error: 'use GET' } });
});

it('takes an order once per Idempotency-Key, with the key only', () => {
  const request = { method: 'POST', url: '/orders', authorization: 'Bearer example-key-of-the-shop', idempotencyKey: 'one' };
  const first = answerShop(request);
  expect(first.status).toBe(201);
  expect(answerShop(request)).toEqual(first);
  expect(answerShop({ ...request, idempotencyKey: 'two' })).not.toEqual(first);
  expect(answerShop({ ...request, authorization: 'Bearer other' }).status).toBe(401);
  expect(answerShop({ ...request, idempotencyKey: undefined }).status).toBe(400);
});
