import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBotId } from '@botplane/domain';
import { Install } from '../install.ts';
import type { BenchBot, ServiceName } from '../install.ts';
import type { LoadProcess } from '../load/load-process.ts';
import { makeSender } from '../load/senders.ts';
import type { Sender } from '../load/senders.ts';
import { makeMessage } from '../load/updates.ts';
import { FIVE_STEPS } from './pipeline-bot.ts';

const STUCK_CHATS = 64;
const QUEUED_PER_CHAT = 100;
/** More often than the limits of a sandbox let it through, so that it always loops. */
const LOOP_EVERY_MS = 400;
const LOOP_CHATS = 8;
const SENDING_MAX = 64;
const HOST = 'slow.example';
/** From the last answer of the API until all is quiet: commits, and the purges of partitions into which nothing comes. */
const SETTLING_MS = 5_000;
/** What was queued is worked off within this. */
const RELEASE_MS_MAX = 60_000;

/** Asks an API that does not answer, for as long as the language allows, and then says nothing. */
const STUCK = {
  meta: { name: 'Stuck', locales: ['en'], defaultLocale: 'en', stateKey: 'chat' },
  state: { asked: { type: 'integer', default: 0 } },
  security: { allowDomains: [HOST] },
  fallback: { flow: 'ask' },
  flows: { ask: { steps: [{ apiCall: { url: `https://${HOST}/`, timeoutMs: 5_000, onError: 'done' } }, { id: 'done', save: { asked: '= state.asked + 1' } }] } },
};

/** Runs for ever, whatever it is asked. */
const LOOPING = { ...FIVE_STEPS, meta: { ...FIVE_STEPS.meta, name: 'Looping' } };
const LOOPING_CODE = '\n;(() => { botplane = { run: () => { while (true); } }; })();\n';

/** An install whose bots answer, beside one that is stuck in 64 chats with work queued behind each, and one that uses all the processor it gets. */
export class Crowd {
  private stopLooping: () => Promise<void> = async () => undefined;
  private nextUpdateId = 1_000_000_000;
  private loopers = 0;
  /** Updates that the stuck bot was given. */
  private queued = 0;

  private constructor(
    readonly install: Install,
    readonly bots: readonly BenchBot[],
    readonly stuck: BenchBot,
    private readonly api: SlowApi,
  ) {}

  static async start(load: LoadProcess, services: readonly ServiceName[]): Promise<Crowd> {
    const api = await SlowApi.start();
    const env = { executor: { BOTPLANE_EGRESS_ROUTES: JSON.stringify([{ host: HOST, to: api.url }]) } };
    const install = await Install.start({ telegramUrl: load.telegramUrl, services, env });
    const bots = await install.addBots(FIVE_STEPS);
    return new Crowd(install, bots, await install.addBot(makeBotId('bench', 'stuck'), STUCK), api);
  }

  /** From now on the chats are stuck and a bot loops, until `release`: to work off what is queued takes longer than a round. */
  async getStuck(): Promise<void> {
    this.api.hang();
    await this.fill(this.stuck, STUCK_CHATS, STUCK_CHATS * QUEUED_PER_CHAT);
    this.stopLooping = await this.loop();
    while (this.api.held < STUCK_CHATS) await sleep(20);
  }

  /** The looping bot is deleted and the API answers; resolves when all that was queued is worked off. */
  async release(): Promise<void> {
    await this.stopLooping();
    this.stopLooping = async () => undefined;
    this.api.answer();
    for (const untilMs = performance.now() + RELEASE_MS_MAX; this.api.keys < this.queued || this.api.held > 0; await sleep(20)) {
      if (performance.now() > untilMs) throw new Error(`${this.queued - this.api.keys} queued updates have not called the API after ${RELEASE_MS_MAX / 1_000} s`);
    }
    await sleep(SETTLING_MS);
  }

  /** Calls of the API without an answer. */
  get held(): number {
    return this.api.held;
  }

  async stop(): Promise<void> {
    try {
      await this.stopLooping();
    } finally {
      this.api.stop();
      await this.install.stop();
    }
  }

  private async fill(bot: BenchBot, chats: number, count: number): Promise<void> {
    const sender = await this.senderTo(bot);
    const sendFrom = async (first: number): Promise<void> => {
      for (let n = first; n < count; n += SENDING_MAX) await sender.send(makeMessage(this.nextUpdateId++, n % chats, 0));
    };
    await Promise.all(Array.from({ length: SENDING_MAX }, (_, first) => sendFrom(first)));
    this.queued += count;
    await sender.close();
  }

  /** A new bot each time: what an earlier one was given is tried again for minutes. */
  private async loop(): Promise<() => Promise<void>> {
    const looping = await this.install.addBot(makeBotId('bench', `looping-${++this.loopers}`), LOOPING, LOOPING_CODE);
    const sender = await this.senderTo(looping);
    let isOn = true;
    const running = (async () => {
      for (let n = 0; isOn; n++) {
        await sender.send(makeMessage(this.nextUpdateId++, n % LOOP_CHATS, 0));
        await sleep(LOOP_EVERY_MS);
      }
      await sender.close();
    })();
    return async () => {
      isOn = false;
      await running;
      await this.install.deleteBot(looping);
    };
  }

  private senderTo(bot: BenchBot): Promise<Sender> {
    return makeSender({ via: 'published', natsUrl: this.install.broker.url, bots: [bot] });
  }
}

/** An API that does not answer, or does so at once. */
class SlowApi {
  private readonly waiting = new Set<ServerResponse>();
  private readonly seen = new Set<string>();
  private hangs = true;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SlowApi> {
    const server = createServer();
    const api = new SlowApi(server);
    server.on('request', (request, response: ServerResponse) => api.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Calls without an answer. */
  get held(): number {
    return this.waiting.size;
  }

  /** Updates that have called so far: all calls of one have the same key. */
  get keys(): number {
    return this.seen.size;
  }

  hang(): void {
    this.hangs = true;
  }

  /** From now on at once, also what waits. */
  answer(): void {
    this.hangs = false;
    for (const response of this.waiting) response.end('{}');
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    this.seen.add(String(request.headers['idempotency-key']));
    this.waiting.add(response);
    response.on('close', () => this.waiting.delete(response));
    if (!this.hangs) response.end('{}');
  }
}
