import type { RouteRecord } from '@botplane/contracts';
import { routedRevision } from '@botplane/executor';
import type { BenchRun } from '../framework/bench-run.ts';

/** The share of chats that a canary of 1 % gets may differ by so much, in points. */
const DEVIATION_POINTS_MAX = 0.2;
const CHATS = 100_000;
/** Bots and revisions whose splits are looked at: one lucky pair proves nothing. */
const PAIRS = 20;
const PAIRS_QUICK = 5;
const WEIGHTS = [1, 5, 25, 60, 100];

/** Splits chats as executors do, with the function that they use. */
export function canarySplit(bench: BenchRun): Promise<boolean> {
  const chats = CHATS;
  const pairs = bench.isQuick ? PAIRS_QUICK : PAIRS;
  const deviations: number[] = [];
  let moved = 0;
  let lost = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const onCanary = (weight: number, isLater = false) => (chat: number): boolean => routedRevision(routeOf(pair, weight, isLater), `${chat * 7 + 100_000_000}`) === 'canary-00000000';
    const all = Array.from({ length: chats }, (_, chat) => chat);
    const share = (all.filter(onCanary(1)).length / chats) * 100;
    deviations.push(Math.abs(share - 1));
    for (const [index, weight] of WEIGHTS.entries()) {
      const now = all.filter(onCanary(weight));
      const again = new Set(all.filter(onCanary(weight, true)));
      moved += now.filter((chat) => !again.has(chat)).length;
      const next = WEIGHTS[index + 1];
      if (next !== undefined) lost += now.filter((chat) => !onCanary(next)(chat)).length;
    }
  }
  console.log(`sample: ${pairs} bots, ${chats} chats each, weights ${WEIGHTS.join(', ')}`);
  return Promise.resolve(bench.report(
    { kind: 'absolute', figure: 'deviation_points_max', values: [Math.max(...deviations)], unit: 'points', limit: { max: DEVIATION_POINTS_MAX } },
    { kind: 'absolute', figure: 'chats_not_sticky', values: [moved], unit: 'chats', limit: { max: 0 } },
    { kind: 'absolute', figure: 'chats_lost_by_higher_weight', values: [lost], unit: 'chats', limit: { max: 0 } },
  ));
}

/** `isLater`: the same split in a route that was written again, after the pods changed and with a revision that is on its way out. */
function routeOf(pair: number, weight: number, isLater: boolean): RouteRecord {
  const runtime = isLater ? 'other' : 'r';
  return {
    v: 1, botId: `shop_bot-${pair}`, uid: 'u', routeSeq: isLater ? 17 : 1, state: 'Serving', stateKey: 'chat', webhookSecretSha256: '', telegram: { id: 1, username: 'b' },
    split: [{ revision: 'stable-00000000', weight: 100 - weight }, { revision: 'canary-00000000', weight }],
    revisions: { ...(isLater ? { 'former-00000000': { revHash: 'f', runtime: 'r' } } : {}), 'stable-00000000': { revHash: 's', runtime }, 'canary-00000000': { revHash: 'c', runtime } },
  };
}
