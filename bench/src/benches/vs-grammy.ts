import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMsByProcess, describeCpu } from '../cpu.ts';
import type { BenchRun } from '../framework/bench-run.ts';
import { Install } from '../install.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { Target } from '../load/orders.ts';
import { FIVE_STEPS } from './pipeline-bot.ts';

const RATIO_MIN = 0.2;
const ROUND_MS = 8_000;
const ROUND_MS_QUICK = 3_000;
/** V8 compiles the hot paths of five services while they come to about 20,000 updates: until then an update costs up to twice as much processor time. */
const WARM_UPS = 3;
const LOAD = { chats: 2_000, warmUpMs: 1_000, perSecond: 0, outstandingMax: 512, sendingMax: 64 } as const;
const CONNECTIONS = 64;

/** From the webhook to Telegram, all services on, every update durable, against a bare grammY process that answers the same. */
export async function vsGrammy(bench: BenchRun): Promise<boolean> {
  const ms = bench.isQuick ? ROUND_MS_QUICK : ROUND_MS;
  const load = await LoadProcess.start();
  const install = await Install.start({ telegramUrl: load.telegramUrl, services: ['ingress', 'executor', 'runtime', 'delivery'] });
  const grammy = fork(fileURLToPath(new URL(`vs-grammy-bot${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)), [load.telegramUrl], { execArgv: [] });
  try {
    const [port] = (await once(grammy, 'message')) as [number];
    const bots = await install.addBots(FIVE_STEPS);
    const targets: Record<'ours' | 'grammy', Target> = {
      ours: { via: 'webhook', connections: CONNECTIONS, urls: bots.map(({ botId, webhookSecret }) => ({ url: `${install.url('ingress')}/wh/${botId}`, secret: webhookSecret })) },
      grammy: { via: 'webhook', connections: CONNECTIONS, urls: [{ url: `http://127.0.0.1:${port}/`, secret: 'bench' }] },
    };
    const rateOf = (what: keyof typeof targets) => async (): Promise<number> => {
      const before = cpuMsByProcess();
      const driven = await load.drive({ ...LOAD, target: targets[what], ms });
      const rate = driven.answered / driven.seconds;
      console.log(`${what}: ${rate.toFixed(0)}/s, sent twice ${driven.repeated}, cpu per update in µs: ${describeCpu(before, cpuMsByProcess(), driven.sent)}`);
      return rate;
    };
    const { of, foreignShare } = await bench.measure({ grammy: rateOf('grammy'), ours: rateOf('ours') }, { warmUps: WARM_UPS });
    console.log(`sample: ${bench.rounds} rounds of ${ms / 1_000} s each`);
    return bench.report({ kind: 'ratio', figure: 'updates_per_s', ours: of.ours, reference: of.grammy, goal: { min: RATIO_MIN }, foreignShare });
  } finally {
    grammy.disconnect();
    await install.stop();
    load.stop();
  }
}
