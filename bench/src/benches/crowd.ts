import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
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

  private constructor(
    readonly install: Install,
    readonly bots: readonly BenchBot[],
    readonly stuck: BenchBot,
    private readonly looping: BenchBot,
    private readonly api: SlowApi,
  ) {}

  static async start(load: LoadProcess, services: readonly ServiceName[]): Promise<Crowd> {
    const api = await SlowApi.start();
    const env = { executor: { BOTPLANE_EGRESS_ROUTES: JSON.stringify([{ host: HOST, to: api.url }]) } };
    const install = await Install.start({ telegramUrl: load.telegramUrl, services, env });
    const bots = await install.addBots(FIVE_STEPS);
    const [stuck, looping] = [await install.addBot(makeBotId('bench', 'stuck'), STUCK), await install.addBot(makeBotId('bench', 'looping'), LOOPING, LOOPING_CODE)];
    return new Crowd(install, bots, stuck, looping, api);
  }

  /** From now on the chats are stuck and the bot loops, until the end: to work off what is queued takes longer than a round. */
  async getStuck(): Promise<void> {
    await this.fill(this.stuck, STUCK_CHATS, STUCK_CHATS * QUEUED_PER_CHAT);
    this.stopLooping = this.loop();
    while (this.api.held < STUCK_CHATS) await sleep(20);
  }

  /** Calls of the API without an answer. */
  get held(): number {
    return this.api.held;
  }

  async stop(): Promise<void> {
    await this.stopLooping();
    this.api.stop();
    await this.install.stop();
  }

  private async fill(bot: BenchBot, chats: number, count: number): Promise<void> {
    const sender = await this.senderTo(bot);
    const sendFrom = async (first: number): Promise<void> => {
      for (let n = first; n < count; n += SENDING_MAX) await sender.send(makeMessage(this.nextUpdateId++, n % chats, 0));
    };
    await Promise.all(Array.from({ length: SENDING_MAX }, (_, first) => sendFrom(first)));
    await sender.close();
  }

  private loop(): () => Promise<void> {
    let isOn = true;
    const running = (async () => {
      const sender = await this.senderTo(this.looping);
      for (let n = 0; isOn; n++) {
        await sender.send(makeMessage(this.nextUpdateId++, n % LOOP_CHATS, 0));
        await sleep(LOOP_EVERY_MS);
      }
      await sender.close();
    })();
    return async () => {
      isOn = false;
      await running;
    };
  }

  private senderTo(bot: BenchBot): Promise<Sender> {
    return makeSender({ via: 'published', natsUrl: this.install.broker.url, bots: [bot] });
  }
}

/** An API that never answers. */
class SlowApi {
  private readonly waiting = new Set<ServerResponse>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SlowApi> {
    const server = createServer();
    const api = new SlowApi(server);
    server.on('request', (_request, response: ServerResponse) => {
      api.waiting.add(response);
      response.on('close', () => api.waiting.delete(response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get held(): number {
    return this.waiting.size;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
