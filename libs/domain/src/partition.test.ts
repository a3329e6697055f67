import { expect, it } from 'vitest';
import { OUTBOUND_PARTITIONS, UPDATE_PARTITIONS, hash32, outboundPartition, podWeight, splitBucket, updatePartition } from './partition.ts';

it('keeps the hash that stored data was laid out by', () => {
  // Changing any of these moves chats between partitions of an install that runs.
  expect(hash32('')).toBe(2872998923);
  expect(hash32('default_echo/c42')).toBe(3520593027);
});

it('[P9] spreads chats of one bot evenly over all partitions', () => {
  const counts = Array.from({ length: UPDATE_PARTITIONS }, () => 0);
  for (let chat = 1; chat <= 64_000; chat++) counts[updatePartition('default_echo', `c${chat}`)]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});

it('puts every bot into one outbound partition within range', () => {
  for (let bot = 0; bot < 500; bot++) {
    const partition = outboundPartition(`default_bot-${bot}`);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(OUTBOUND_PARTITIONS);
  }
});

it('adds chats only as the weight of a candidate grows', () => {
  const chats = Array.from({ length: 20_000 }, (_, chat) => splitBucket('default_echo', `${chat}`, 'echo-1'));
  const share = (weight: number) => chats.filter((bucket) => bucket < weight * 100).length / chats.length;
  expect(share(1)).toBeCloseTo(0.01, 2);
  expect(share(50)).toBeCloseTo(0.5, 1);
  expect(share(100)).toBe(1);
});

it('spreads bots over the pods of a pool, and moves only those of a pod that goes', () => {
  const chosen = (bot: string, pods: readonly string[]): string => pods.toSorted((a, b) => podWeight(bot, b) - podWeight(bot, a))[0]!;
  const bots = Array.from({ length: 3_000 }, (_, n) => `default_bot-${n}`);
  for (const pod of ['a', 'b', 'c']) expect(bots.filter((bot) => chosen(bot, ['a', 'b', 'c']) === pod).length).toBeGreaterThan(900);
  for (const bot of bots.filter((each) => chosen(each, ['a', 'b', 'c']) !== 'c')) expect(chosen(bot, ['a', 'b'])).toBe(chosen(bot, ['a', 'b', 'c']));
});
