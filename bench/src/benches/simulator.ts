import { spawnBound } from '@botplane/testing';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '@botplane/e2e';
import { Pool } from 'undici';
import type { BenchRun } from '../framework/bench-run.ts';
import { SYSTEM_CPU, onProcessor } from '../framework/processors.ts';
import { median } from '../framework/statistics.ts';

const START_MS_MAX = 300;
const STARTS_PER_ROUND = 5;
const CALLS_PER_SECOND_MIN = 2_000;
const CONNECTIONS = 32;
const CHATS = 200;
const ROUND_MS = 5_000;
const ROUND_MS_QUICK = 2_000;
const WARM_UP_MS = 1_000;

interface Started {
  url: string;
  /** From the start of the process until it listens. */
  startMs: number;
  stop(): Promise<void>;
}

/** How long a simulator takes until it listens, and how many messages a bot sends through it in a second. */
export async function simulator(bench: BenchRun): Promise<boolean> {
  const { of: starts, foreignShare: whileStarting } = await bench.measure({
    start: async () => {
      const times: number[] = [];
      for (let n = 0; n < STARTS_PER_ROUND; n++) {
        const { startMs, stop } = await start(false);
        times.push(startMs);
        await stop();
      }
      return median(times);
    },
  }, { warmUps: 1 });

  const running = await start(true);
  try {
    const token = await makeBot(running.url);
    await send(running.url, token, WARM_UP_MS);
    const { of, foreignShare } = await bench.measure({ calls: () => send(running.url, token, bench.isQuick ? ROUND_MS_QUICK : ROUND_MS) });
    console.log(`sample: ${bench.rounds * STARTS_PER_ROUND} starts; sendMessage over ${CONNECTIONS} connections to ${CHATS} chats, answers read whole`);
    return bench.report(
      { kind: 'absolute', figure: 'start', values: starts.start, unit: 'ms', limit: { max: START_MS_MAX }, foreignShare: whileStarting },
      { kind: 'absolute', figure: 'calls', values: of.calls, unit: '/s', limit: { min: CALLS_PER_SECOND_MIN }, foreignShare },
    );
  } finally {
    await running.stop();
  }
}

/** `isPinned`: keeps to one processor, so that the load takes nothing from it. */
async function start(isPinned: boolean): Promise<Started> {
  const launch = { command: process.execPath, args: [join(ROOT, 'services/simulator/dist/main.js')] };
  const startedMs = performance.now();
  const child = spawnBound(isPinned ? onProcessor(SYSTEM_CPU, launch) : launch, ['ignore', 'pipe', 'inherit']);
  if (!child.stdout) throw new Error('the simulator has no output to wait for');
  for await (const line of createInterface(child.stdout)) {
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (msg !== 'simulator listens' || url === undefined) continue;
    const startMs = performance.now() - startedMs;
    return { url, startMs, stop: async () => { const ended = once(child, 'exit'); child.kill('SIGTERM'); await ended; } };
  }
  throw new Error('the simulator ended before it listened');
}

/** A bot that CHATS people have written to. */
async function makeBot(url: string): Promise<string> {
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${url}/_sim/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`POST /_sim/${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { token } = (await post('bots', {})) as { token: string };
  for (let id = 1; id <= CHATS; id++) await post('messages', { token, from: { id }, text: 'hi' });
  return token;
}

/** Messages answered 200 in a second; each connection sends again as soon as it has its answer. */
async function send(url: string, token: string, durationMs: number): Promise<number> {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const startedMs = performance.now();
  let sent = 0;
  const keepSending = async (at: number): Promise<void> => {
    for (let n = at; performance.now() - startedMs < durationMs; n += CONNECTIONS) {
      const body = JSON.stringify({ chat_id: 1 + (n % CHATS), text: `message ${n} with <b>marks</b>`, parse_mode: 'HTML', reply_markup: { inline_keyboard: [[{ text: 'Ok', callback_data: `ok:${n}` }]] } });
      const answer = await pool.request({ path: `/bot${token}/sendMessage`, method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`sendMessage: ${answer.statusCode} ${text}`);
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, at) => keepSending(at)));
  const perSecond = (sent * 1_000) / (performance.now() - startedMs);
  await pool.close();
  return perSecond;
}
