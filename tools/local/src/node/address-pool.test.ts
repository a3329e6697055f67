import { expect, it } from 'vitest';
import { AddressPool } from './address-pool.ts';

it('gives every pod its own address and the same one again to the same pod', () => {
  const pool = new AddressPool('127.7.0.1');
  expect(pool.take('a')).toBe('127.7.1.1');
  expect(pool.take('b')).toBe('127.7.1.2');
  expect(pool.take('a')).toBe('127.7.1.1');
});

it('gives a pod the address it had before a restart, unless another pod has it', () => {
  const pool = new AddressPool('127.7.0.1');
  expect(pool.take('a', '127.7.3.9')).toBe('127.7.3.9');
  expect(pool.take('b', '127.7.3.9')).toBe('127.7.1.1');
  expect(pool.take('c', '10.0.0.1')).toBe('127.7.1.2');
});

it('does not give a released address to the next pod at once', () => {
  const pool = new AddressPool('127.7.0.1');
  pool.take('a');
  pool.release('a');
  expect(pool.take('b')).toBe('127.7.1.2');
});
