import { STEP_MS_BOUNDS } from '@botplane/contracts';
import type { RevisionStats } from '@botplane/contracts';
import type { Bot } from '@botplane/k8s';
import { createMetrics } from '@botplane/kit/plain';
import { expect, it } from 'vitest';
import { BotMeter } from './bot-meter.ts';

function setup({ botsMax = 10, names = ['echo'] } = {}) {
  const bots = new Map(names.map((name) => [`shop/${name}`, {
    metadata: { namespace: 'shop', name },
    status: { stableRevision: `${name}-a`, canaryRevision: `${name}-b`, canaryWeight: 25, conditions: [{ type: 'Ready', status: 'True' }] },
  } as Bot]));
  const world = { isLeading: true };
  const metrics = createMetrics({ defaults: false });
  const meter = new BotMeter(metrics, { bots: { list: () => [...bots.values()], get: (key) => bots.get(key) }, isLeading: () => world.isLeading, botsMax });
  const lines = async (start: string) => (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(start));
  return { bots, world, meter, lines };
}

/** Ten steps of 4 ms, three of which failed, one of these by force. */
const counts = (bot: string, revision: string): RevisionStats['entries'][number] =>
  ({ botId: `shop_${bot}`, revision, runs: 10, errors: 3, kills: 1, deadLetters: 2, stepMs: STEP_MS_BOUNDS.map((bound) => (bound === 5 ? 10 : 0)) });

it('[P10] tells what a bot did, by revision and outcome', async () => {
  const { meter, lines } = setup();
  meter.add([counts('echo', 'echo-a'), counts('echo', 'echo-a'), counts('echo', 'echo-b')]);
  expect(await lines('botplane_bot_steps_total{')).toEqual(expect.arrayContaining([
    'botplane_bot_steps_total{namespace="shop",bot="echo",revision="echo-a",outcome="ok"} 14',
    'botplane_bot_steps_total{namespace="shop",bot="echo",revision="echo-a",outcome="failed"} 4',
    'botplane_bot_steps_total{namespace="shop",bot="echo",revision="echo-a",outcome="killed"} 2',
    'botplane_bot_steps_total{namespace="shop",bot="echo",revision="echo-b",outcome="ok"} 7',
  ]));
  expect(await lines('botplane_bot_dead_letters_total{namespace="shop",bot="echo",revision="echo-a"}')).toEqual([expect.stringMatching(/ 4$/)]);
  expect(await lines('botplane_bot_step_seconds_bucket{le="0.005"')).toEqual([expect.stringMatching(/ 30$/)]);
  expect(await lines('botplane_bot_ready{')).toEqual(['botplane_bot_ready{namespace="shop",bot="echo"} 1']);
  expect(await lines('botplane_bot_traffic_ratio{')).toEqual([
    'botplane_bot_traffic_ratio{namespace="shop",bot="echo",revision="echo-a"} 0.75', 'botplane_bot_traffic_ratio{namespace="shop",bot="echo",revision="echo-b"} 0.25',
  ]);
});

it('tells nothing while another operator leads, so that sums over pods are true', async () => {
  const { meter, world, lines } = setup();
  world.isLeading = false;
  meter.add([counts('echo', 'echo-a')]);
  expect([...(await lines('botplane_bot_ready{')), ...(await lines('botplane_bot_steps_total{'))]).toEqual([]);
});

it('names no more bots than it may', async () => {
  const { meter, lines } = setup({ botsMax: 2, names: ['a', 'b', 'c'] });
  meter.add(['a', 'b', 'c'].map((name) => counts(name, `${name}-a`)));
  expect(await lines('botplane_bot_ready{')).toHaveLength(2);
  expect(await lines('botplane_bot_dead_letters_total{')).toHaveLength(4);
});

it('forgets revisions that serve no more, bots that are gone, and counts nothing of strangers', async () => {
  const { meter, bots, lines } = setup();
  meter.add([counts('echo', 'echo-a'), counts('echo', 'echo-b'), counts('echo', 'echo-old'), counts('nobody', 'nobody-a'), { ...counts('', ''), botId: 'no-id' }]);
  expect(await lines('botplane_bot_dead_letters_total{')).toHaveLength(2);
  bots.set('shop/echo', { ...(bots.get('shop/echo') as Bot), status: { stableRevision: 'echo-b' } } as Bot);
  await lines('');
  expect(await lines('botplane_bot_dead_letters_total{')).toEqual([expect.stringContaining('revision="echo-b"')]);
  bots.clear();
  await lines('');
  expect(await lines('botplane_bot_')).toEqual([]);
});
