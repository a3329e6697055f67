import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { checkValue } from '../src/domain/check-value.ts';
import { schemaMethod } from '../src/domain/schema.ts';
import { startSimulator } from '../src/index.ts';
import type { SimulatorOptions } from '../src/index.ts';

/** Loose on purpose: tests read what the wire carries. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  status: number;
  body: Json;
}

export const ANN = { id: 1001, first_name: 'Ann', language_code: 'en' };
export const BOB = { id: 1002, first_name: 'Bob', language_code: 'de' };

/** A simulator of its own, with short words for its two interfaces. */
export async function setup(options: SimulatorOptions = {}) {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return { simulator, ...clientOf(simulator.url) };
}

export function clientOf(url: string) {
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(url + path, {
      method, ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const sim = async (path: string, body: unknown): Promise<Json> => {
    const answer = await ask('POST', `/_sim/${path}`, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const get = async (path: string): Promise<Json> => (await ask('GET', `/_sim/${path}`)).body;
  /** A call of the Bot API; what it answers must have the shape that Telegram's schema gives it. */
  const api = async (token: string, method: string, body: unknown = {}): Promise<Answer> => {
    const answer = await ask('POST', `/bot${token}/${method}`, body);
    const schema = schemaMethod(method);
    if (answer.status === 200 && schema) expect(checkValue(answer.body.result, schema.result, 'result'), `${method} answered ${JSON.stringify(answer.body.result)}`).toBeNull();
    return answer;
  };
  const bot = async (input: unknown = {}): Promise<string> => (await sim('bots', input)).token as string;
  return { url, ask, sim, get, api, bot };
}

export interface Received {
  update: Json;
  headers: IncomingHttpHeaders;
  atMs: number;
}

export interface Reaction {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  delayMs?: number;
}

/** A webhook on a free port that answers as `react` says; `until` waits for a number of requests. */
export async function webhook(react: (update: Json, n: number) => Reaction = () => ({})) {
  const received: Received[] = [];
  let open = 0;
  let openMax = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => { text += part.toString(); });
    request.on('end', () => {
      const update: Json = JSON.parse(text);
      received.push({ update, headers: request.headers, atMs: Date.now() });
      openMax = Math.max(openMax, ++open);
      const { status = 200, headers = {}, body, delayMs = 0 } = react(update, received.length);
      setTimeout(() => {
        open -= 1;
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body === undefined ? '' : JSON.stringify(body));
      }, delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => { server.closeAllConnections(); server.close(); });
  const until = (count: number): Promise<Received[]> => eventually(() => (received.length >= count ? received : null));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received, until, openMax: () => openMax };
}

/** What `look` finds, as soon as it finds something. */
export async function eventually<T>(look: () => T | null | Promise<T | null>, msMax = 15_000): Promise<T> {
  const end = Date.now() + msMax;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error('did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
