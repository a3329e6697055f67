import type { GuestInput, GuestOutput } from '@botplane/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExecutorProcess, bundleExecutor } from './support/executor-process.ts';
import { handled, said, say } from './support/guests.ts';
import { World } from './support/world.ts';

const CHATS = 20;
const DUE_IN_MS = 6_000;
let world: World;
let executor: ExecutorProcess;

/** Arms a timer on each text, and says so when it fires. */
function waiting(input: GuestInput): GuestOutput {
  if (input.event.kind === 'timer') return handled(input, { state: {}, effects: [say(Number(input.state['chat']), 'late')] });
  const { chat } = said(input);
  return handled(input, { state: { chat }, timers: [{ key: 'wait', nonce: `n${chat}`, atMs: input.env.nowMs + DUE_IN_MS }] });
}

beforeAll(async () => {
  await bundleExecutor();
  world = await World.start(waiting);
  executor = new ExecutorProcess(world.env());
});
afterAll(async () => {
  await executor.end();
  await world.stop();
});

it('[P9] timers that fell due while everything was down fire at the start, each once', async () => {
  executor.start();
  for (let chat = 1; chat <= CHATS; chat++) await world.send(world.text(chat, 'wait'));
  const startedMs = Date.now();
  await expect.poll(() => world.runtime.runs.length).toBe(CHATS);
  await expect.poll(async () => (await world.nats.jsm.streams.info('TIMERS')).state.messages).toBe(CHATS);
  await executor.end();
  await world.broker.kill();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedMs + DUE_IN_MS + 500 - Date.now())));
  await world.broker.restart();
  executor.start();
  const texts = async (): Promise<string[]> => (await world.outbound()).map((call) => `${call.chat} ${JSON.stringify(call.params['text'])}`).sort();
  const expected = Array.from({ length: CHATS }, (_, at) => `${at + 1} "late"`).sort();
  // Loose on purpose: the start of a process is in it, and the machine may be busy. bench/timers-after-downtime measures.
  await expect.poll(() => texts().catch(() => [])).toEqual(expected);
});
