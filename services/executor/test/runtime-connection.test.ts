import { afterEach, describe, expect, it } from 'vitest';
import { RuntimeConnection } from '../src/adapters/out/runtime-connection.ts';
import { FakeRuntime } from './support/fake-runtime.ts';

const RUNS = 20;
let runtime: FakeRuntime;
let connection: RuntimeConnection;

async function connect(takesMore: boolean): Promise<void> {
  runtime = new FakeRuntime((input) => ({ state: input.state, effects: [], timers: [], events: [], outcome: { kind: 'handled' } }));
  runtime.takesMore = takesMore;
  runtime.loaded.set('a1', '');
  await runtime.start();
  connection = new RuntimeConnection(runtime.address);
}

afterEach(() => {
  connection.close();
  runtime.stop();
});

const run = async (n: number): Promise<unknown> => {
  const { output_json: json = '{}' } = await connection.run({ botId: 'shop_a', revHash: 'a1', inputJson: JSON.stringify({ state: { n } }) });
  return (JSON.parse(json) as { state: { n?: number } }).state.n;
};
const runAll = (): Promise<unknown[]> => Promise.all(Array.from({ length: RUNS }, (_none, n) => run(n)));

describe('RuntimeConnection', () => {
  it('[A6] joins calls of one turn once the pod said that it takes them so', async () => {
    await connect(true);
    expect(await run(7)).toBe(7);
    expect(await runAll()).toEqual(Array.from({ length: RUNS }, (_none, n) => n));
    expect(runtime.messages).toBe(2);
  });

  it('sends one call a message to a pod of an earlier version', async () => {
    await connect(false);
    expect(await run(7)).toBe(7);
    expect(await runAll()).toEqual(Array.from({ length: RUNS }, (_none, n) => n));
    expect(runtime.messages).toBe(1 + RUNS);
  });
});
