import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '@botplane/e2e';
import { BUCKETS, STREAMS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { ServerProcess, freePort, httpAnswers, makeTempFolder, natsRecipe, removeTempFolder, tcpAnswers } from '@botplane/testing';
import { SYSTEM_CPU, onProcessor } from '../framework/processors.ts';
import { HttpLoad } from '../load/http-load-process.ts';
import type { LoadAnswer, LoadOrder } from '../load/http-load.ts';
import { Updates } from '../load/webhook-updates.ts';
import { messageIds } from './message-ids.ts';

const BOTS = 64;
const SECRET = 'bench-webhook-secret';
const BARE_STREAM = 'BARE';
/** One update per connection at a time. */
const CONNECTIONS = 128;

export interface IngressWorldOptions {
  syncAlways: boolean;
  /** Services and broker on one processor and the load on another, where possible. */
  isPinned: boolean;
}

type Load = { kind: 'closed'; durationMs: number } | { kind: 'open'; durationMs: number; ratePerSecond: number };

/** A broker, the built ingress and the bare one, each in a process of its own, and what sends to them. */
export class IngressWorld {
  private readonly bots = Array.from({ length: BOTS }, (_, at) => `default_bench${at}`);
  private readonly updates = new Updates(this.bots);
  private next = 1;

  private constructor(
    private readonly folder: string,
    private readonly servers: readonly ServerProcess[],
    private readonly nats: Nats,
    private readonly load: HttpLoad,
    private readonly urls: { ingress: string; bare: string },
  ) {}

  static async start({ syncAlways, isPinned }: IngressWorldOptions): Promise<IngressWorld> {
    const folder = makeTempFolder('bench');
    const [port, monitorPort, ingressPort, barePort] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const natsUrl = `nats://127.0.0.1:${port}`;
    const urls = { ingress: `http://127.0.0.1:${ingressPort}`, bare: `http://127.0.0.1:${barePort}` };
    const place = <T extends { command: string; args: readonly string[] }>(launch: T): T => (isPinned ? onProcessor(SYSTEM_CPU, launch) : launch);
    const broker = new ServerProcess(place(natsRecipe({ folder, port, monitorPort, syncAlways })), join(folder, 'nats.log'));
    await broker.start();
    const nats = await openNats({ url: natsUrl, name: 'bench' });
    await ensureTopology(nats.jsm);
    await nats.jsm.streams.add({ name: BARE_STREAM, subjects: ['bare.>'] });

    const env = { NODE_ENV: 'production', NATS_URL: natsUrl, HOST: '127.0.0.1', LOG_LEVEL: 'warn' };
    const node = (name: string, entry: string, more: Record<string, string>, ready: () => Promise<boolean>): ServerProcess =>
      new ServerProcess(place({ name, command: process.execPath, args: [entry], env: { ...env, ...more }, ready }), join(folder, `${name}.log`));
    const ingress = node('ingress', join(ROOT, 'services/ingress/dist/main.js'), { PORT: String(ingressPort), BOTPLANE_BOT_UPDATES_PER_SECOND_MAX: '1000000' }, () => httpAnswers(`${urls.ingress}/readyz`));
    const bare = node('bare', fileURLToPath(new URL('bare-ingress.js', import.meta.url)), { PORT: String(barePort) }, () => tcpAnswers(barePort));

    const world = new IngressWorld(folder, [ingress, bare, broker], nats, new HttpLoad({ isPinned }), urls);
    await world.putRoutes();
    await Promise.all([ingress.start(), bare.start()]);
    return world;
  }

  /** Sends to ingress; throws when an update that was answered 200 is not in the stream, or is there twice. */
  async sendToIngress(load: Load): Promise<LoadAnswer> {
    const first = this.next;
    const answer = await this.send(this.urls.ingress, load);
    await this.check(first, answer);
    await this.nats.jsm.streams.purge(STREAMS.updates);
    return answer;
  }

  async sendToBare(load: Load): Promise<LoadAnswer> {
    const answer = await this.send(this.urls.bare, load);
    const { state } = await this.nats.jsm.streams.info(BARE_STREAM);
    if (state.messages < answer.sent - answer.refused.length) throw new Error(`the bare server answered 200 to ${answer.sent - answer.refused.length} and stored ${state.messages}`);
    await this.nats.jsm.streams.purge(BARE_STREAM);
    return answer;
  }

  async stop(): Promise<void> {
    this.load.stop();
    await this.nats.connection.close();
    for (const server of this.servers) await server.stop();
    removeTempFolder(this.folder);
  }

  private async send(url: string, load: Load): Promise<LoadAnswer> {
    const order: LoadOrder = { ...load, url, bots: this.bots, secret: SECRET, first: this.next, connections: CONNECTIONS };
    const answer = await this.load.ask(order);
    this.next += answer.sent;
    if (answer.refused.length > answer.sent / 1_000) throw new Error(`${answer.refused.length} of ${answer.sent} requests to ${url} were not answered 200`);
    return answer;
  }

  private async check(first: number, { sent, refused }: LoadAnswer): Promise<void> {
    const stored = await messageIds(this.nats, STREAMS.updates);
    const notAccepted = new Set(refused);
    for (let n = first; n < first + sent; n++) {
      const count = stored.get(this.updates.messageId(n)) ?? 0;
      if (count > 1 || (count === 0 && !notAccepted.has(n))) throw new Error(`update ${n} was answered 200 and is in the stream ${count} times`);
    }
  }

  private async putRoutes(): Promise<void> {
    const routes = new TypedBucket<RouteRecord>(this.nats.jsm, BUCKETS.routes);
    for (const botId of this.bots) {
      await routes.put(botId, {
        v: 1, botId, uid: botId, routeSeq: 1, state: 'Serving', split: [{ revision: 'r', weight: 100 }], revisions: {}, stateKey: 'chat_user', webhookSecretSha256: sha256Hex(SECRET), telegram: { id: 1, username: botId },
      });
    }
  }
}
