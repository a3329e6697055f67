import { Client } from 'undici';
import type { Dispatcher } from 'undici';
import { openLoop } from '../framework/open-loop.ts';
import { Updates } from './webhook-updates.ts';

/** What the parent asks for; one at a time. */
export type LoadOrder = {
  url: string;
  bots: readonly string[];
  secret: string;
  /** Number of the first update; the following count up. */
  first: number;
  connections: number;
  durationMs: number;
} & (
  /** Each connection sends again as soon as it has its answer. */
  | { kind: 'closed' }
  /** Steady, whatever the answers take. */
  | { kind: 'open'; ratePerSecond: number }
);

export interface LoadAnswer {
  sent: number;
  /** Numbers of the updates that were not answered 200. */
  refused: number[];
  /** Updates answered 200. */
  acceptedPerSecond: number;
  /** From the intended send time (`open`), or from the sending (`closed`). */
  latenciesMs: number[];
}

/** Webhook requests over connections that are kept, one request at a time on each. */
class Senders {
  private readonly idle: Client[];
  private readonly waiting: ((client: Client) => void)[] = [];
  private readonly updates: Updates;
  private readonly headers: Record<string, string>;
  readonly refused: number[] = [];

  constructor({ url, bots, secret, connections }: LoadOrder) {
    this.idle = Array.from({ length: connections }, () => new Client(url, { pipelining: 1 }));
    this.updates = new Updates(bots);
    this.headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret };
  }

  /** True when the answer is 200. */
  async send(n: number): Promise<boolean> {
    const client = this.idle.pop() ?? (await new Promise<Client>((resolve) => this.waiting.push(resolve)));
    const { path, body } = this.updates.make(n);
    const status = await this.post(client, path, body);
    const next = this.waiting.shift();
    if (next) next(client);
    else this.idle.push(client);
    if (status !== 200) this.refused.push(n);
    return status === 200;
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map((client) => client.close()));
  }

  /** Status of the answer; 0 when there is none. */
  private post(client: Client, path: string, body: string): Promise<number> {
    return new Promise((resolve) => {
      let status = 0;
      const handler: Dispatcher.DispatchHandler = {
        // undici refuses a handler without these two.
        onRequestStart: () => undefined,
        onResponseData: () => undefined,
        onResponseStart: (_controller, statusCode) => void (status = statusCode),
        onResponseEnd: () => resolve(status),
        onResponseError: () => resolve(0),
      };
      client.dispatch({ path, method: 'POST', headers: this.headers, body }, handler);
    });
  }
}

async function closedLoop(order: LoadOrder & { kind: 'closed' }, senders: Senders): Promise<LoadAnswer> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const untilMs = startedMs + order.durationMs;
  let n = order.first;
  const keepSending = async (): Promise<void> => {
    for (let atMs = performance.now(); atMs < untilMs; atMs = performance.now()) if (await senders.send(n++)) latenciesMs.push(performance.now() - atMs);
  };
  await Promise.all(Array.from({ length: order.connections }, keepSending));
  return { sent: n - order.first, refused: senders.refused, acceptedPerSecond: (latenciesMs.length * 1_000) / (performance.now() - startedMs), latenciesMs };
}

async function steady(order: LoadOrder & { kind: 'open' }, senders: Senders): Promise<LoadAnswer> {
  const { ratePerSecond, durationMs, connections, first } = order;
  const { latenciesMs, failed, tookMs } = await openLoop({ ratePerSecond, durationMs, inFlightMax: connections, send: (n) => senders.send(first + n) });
  return { sent: latenciesMs.length + failed, refused: senders.refused, acceptedPerSecond: (latenciesMs.length * 1_000) / tookMs, latenciesMs };
}

process.on('message', (order: LoadOrder) => {
  const senders = new Senders(order);
  void (order.kind === 'closed' ? closedLoop(order, senders) : steady(order, senders)).then(async (answer) => {
    await senders.close();
    process.send?.(answer);
  });
});
