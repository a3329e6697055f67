import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { markEngine } from '@botplane/contracts';
import type { LoadRequest, RuntimeClient } from '@botplane/contracts';
import { RevisionLoads } from '@botplane/contracts/grpc';
import { sha256Hex } from '@botplane/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revHashOf, startRuntime } from './setup.ts';
import type { TestRuntime } from './setup.ts';

const ENGINE = `globalThis.botplane = { init(name) {
  globalThis.botplane = { run: () => JSON.stringify({ state: { name }, effects: [], timers: [], events: [], outcome: { kind: 'handled' } }) };
} };`;
const ownOf = (name: string): string => `;botplane.init(${JSON.stringify(name)});`;
const botOf = (name: string, engine = ENGINE): string => markEngine(engine) + ownOf(name);
const requestOf = (name: string, code = botOf(name)): LoadRequest & { code: Buffer } => ({ bot_id: name, rev_hash: revHashOf(code), sha256: sha256Hex(code), code: Buffer.from(code) });

describe('loads that leave the engine out', () => {
  const runtimes: TestRuntime[] = [];
  /** What went out, and how it came back. */
  let sent: { bytes: number; code: number }[];
  let to: TestRuntime;
  let client: RuntimeClient;
  let forget: (request: LoadRequest) => LoadRequest;

  beforeAll(async () => {
    for (const _ of [1, 2]) runtimes.push(await startRuntime());
  });
  afterAll(() => Promise.all(runtimes.map((runtime) => runtime.stop())));
  beforeEach(() => {
    sent = [];
    to = runtimes[0] as TestRuntime;
    forget = (request) => request;
    const Load = (request: LoadRequest, options: object, done: (error: ServiceError | null, response?: unknown) => void): unknown =>
      to.client.Load(forget(request), options, (error, response) => {
        sent.push({ bytes: (request.code as Buffer).length, code: error?.code ?? status.OK });
        done(error, response);
      });
    client = { Load } as unknown as RuntimeClient;
  });
  const nameSaidBy = async (name: string, code = botOf(name)): Promise<unknown> => (JSON.parse((await to.run(name, revHashOf(code), 'hi')).output_json ?? '{}') as { state?: { name?: string } }).state?.name;
  const whole = (name: string): number => Buffer.byteLength(botOf(name));

  it('[P9] send a pod the engine once, and all bots run', async () => {
    const loads = new RevisionLoads();
    for (const name of ['anna', 'ben', 'cora']) await loads.load(client, requestOf(name), 10_000);
    expect(sent).toEqual([{ bytes: whole('anna'), code: status.OK }, { bytes: ownOf('ben').length, code: status.OK }, { bytes: ownOf('cora').length, code: status.OK }]);
    expect([await nameSaidBy('anna'), await nameSaidBy('ben'), await nameSaidBy('cora')]).toEqual(['anna', 'ben', 'cora']);
  });

  it('[P9] send all to a pod that came back empty', async () => {
    const loads = new RevisionLoads();
    const engine = ENGINE.replace('run:', 'run2: 1, run:');
    await loads.load(client, requestOf('dora', botOf('dora', engine)), 10_000);
    to = runtimes[1] as TestRuntime;
    await loads.load(client, requestOf('emil', botOf('emil', engine)), 10_000);
    expect(sent.map(({ code }) => code)).toEqual([status.OK, status.FAILED_PRECONDITION, status.OK]);
    expect(await nameSaidBy('emil', botOf('emil', engine))).toBe('emil');
  });

  it('[P9] send all to a pod of a version that does not know of engines', async () => {
    const loads = new RevisionLoads();
    await loads.load(client, requestOf('finn'), 10_000);
    forget = ({ engine_sha256: _unknown, ...request }) => request;
    await loads.load(client, requestOf('gina'), 10_000);
    expect(sent.map(({ code }) => code)).toEqual([status.OK, status.INVALID_ARGUMENT, status.OK]);
    expect(await nameSaidBy('gina')).toBe('gina');
  });

  it('[P9] leave out either of two engines that bots begin with in turn', async () => {
    const loads = new RevisionLoads();
    const newer = ENGINE.replace('run:', 'of: "a newer compiler", run:');
    for (const name of ['jan', 'kim', 'leo']) for (const engine of [ENGINE, newer]) await loads.load(client, requestOf(name, botOf(name, engine)), 10_000);
    expect(sent.map(({ bytes }) => bytes === ownOf('jan').length)).toEqual([false, false, true, true, true, true]);
  });

  it('[P9] bring code that throws once', async () => {
    const loads = new RevisionLoads();
    await loads.load(client, requestOf('mia'), 10_000);
    await expect(loads.load(client, requestOf('nora', `${markEngine(ENGINE)};throw new Error('broken');`), 10_000)).rejects.toMatchObject({ details: expect.stringContaining('broken') as string });
    expect(sent.length).toBe(2);
  });

  it('[P9] are refused when engine and part are not the bot.js of that hash', async () => {
    const loads = new RevisionLoads();
    await loads.load(client, requestOf('hugo'), 10_000);
    const forged = { ...requestOf('ines'), sha256: sha256Hex(botOf('somebody else')) };
    await expect(loads.load(client, forged, 10_000)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(await nameSaidBy('ines')).toBeUndefined();
  });
});
