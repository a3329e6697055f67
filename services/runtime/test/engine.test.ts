import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markEngine } from '@botplane/contracts';
import { revHashOf, startRuntime } from './setup.ts';
import type { TestRuntime } from './setup.ts';

/** An engine as the compiler's: hooks, and `init` with what is the bot's own. Any guest tells what it is asked for, by an expression. */
const ENGINE = `
const answer = (value) => JSON.stringify({ state: { value: String(value) }, effects: [], timers: [], events: [], outcome: { kind: 'handled' } });
globalThis.botplane = {
  prepare() { globalThis.prepared = true; },
  rehearse() { globalThis.rehearsed = true; },
  init(name) {
    let runs = 0;
    globalThis.botplane = { run: (input) => { runs += 1; return answer((0, eval)(JSON.parse(input).event.update.text.replace('NAME', name).replace('RUNS', runs))); } };
  },
};`;
const botOf = (name: string): string => `${markEngine(ENGINE)};botplane.init(${JSON.stringify(name)});`;
const plainBotOf = (name: string): string => `${ENGINE};botplane.init(${JSON.stringify(name)});`;

/** Everything that can be reached from the global object by names, and how it may be changed. */
const INVENTORY = `(() => {
  const lines = [];
  const seen = new Set();
  const walk = (path, value, depth) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 5) return;
    seen.add(value);
    lines.push(path + (Object.isExtensible(value) ? '' : ' closed'));
    for (const key of Reflect.ownKeys(value).sort((a, b) => (String(a) < String(b) ? -1 : 1))) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      const name = path + '.' + String(key);
      lines.push(name + ' ' + ['writable', 'enumerable', 'configurable'].filter((flag) => property[flag]).join() + ' ' + typeof property.value);
      for (const part of ['value', 'get', 'set']) walk(name + (part === 'value' ? '' : ' ' + part), property[part], depth + 1);
    }
    walk(path + '.__proto__', Object.getPrototypeOf(value), depth + 1);
  };
  walk('globalThis', globalThis, 0);
  return lines.filter((line) => !line.includes('globalThis.botplane') && !line.includes('globalThis.prepared')).join('\\n');
})()`;

describe('bots with a common engine', () => {
  let runtime: TestRuntime;
  const bot = botOf('anna');
  const asked = async (botId: string, code: string, text: string): Promise<unknown> => {
    const { output_json: output, failure } = await runtime.run(botId, revHashOf(code), text);
    return failure?.message ?? (JSON.parse(output ?? '{}') as { state?: { value?: unknown } }).state?.value;
  };
  /** With others in the two isolates of the host: the first step of a bot is on trial elsewhere, the second makes its isolate there. */
  const endOthers = async (...names: string[]): Promise<void> => {
    for (const name of names) {
      await runtime.load(name, botOf(name));
      for (const step of ['"first"', '"second"']) await asked(name, botOf(name), step);
    }
  };
  beforeAll(async () => {
    runtime = await startRuntime({ SANDBOX_ISOLATES_MAX: '2' });
    await runtime.load('a', bot);
  });
  afterAll(() => runtime?.stop());

  it('[P9] begin with an evaluated engine, prepared but without what was rehearsed', async () => {
    expect(await asked('a', bot, '"NAME " + globalThis.prepared + " " + globalThis.rehearsed')).toBe('anna true undefined');
  });

  it('[P9] share nothing that one of them can change', async () => {
    await runtime.load('b', botOf('bert'));
    expect(await asked('a', bot, 'Array.prototype.mine = globalThis.mine = Intl.mine = "NAME"')).toBe('anna');
    expect(await asked('b', botOf('bert'), '"NAME" + [].mine + globalThis.mine + Intl.mine')).toBe('bertundefinedundefinedundefined');
    await runtime.load('c', botOf('carl'));
    expect(await asked('c', botOf('carl'), '"NAME" + [].mine + globalThis.mine + Intl.mine')).toBe('carlundefinedundefinedundefined');
  });

  it('[P9] have as much and as little around them as a bot without one', async () => {
    await endOthers('x', 'y');
    await runtime.load('plain', plainBotOf('paul'));
    const plain = String(await asked('plain', plainBotOf('paul'), INVENTORY)).split('\n');
    expect(plain.length).toBeGreaterThan(1_000);
    expect(String(await asked('a', bot, INVENTORY)).split('\n')).toEqual(plain);
  });

  it.each(['Math.random()', 'new Date()', 'Date.now()', 'Date()', 'new Intl.DateTimeFormat().format()', 'new Intl.DateTimeFormat("en").formatToParts()', 'performance.now()', 'new WeakRef({})', 'Atomics', 'WebAssembly', 'SharedArrayBuffer', '__botplane_enter'])(
    '[P9] know neither time nor chance nor threads: %s',
    async (expression) => {
      expect(await asked('a', bot, `(() => { try { return typeof ${expression}; } catch (error) { return error.name; } })()`)).toMatch(/^(Error|ReferenceError|undefined)$/);
    },
  );

  it('[P9] begin anew after they were ended for others', async () => {
    await endOthers('d', 'e', 'f');
    expect(await asked('a', bot, '"NAME RUNS"')).toBe('anna 1');
  });

  it('[P9] get an isolate of their own size, whatever the ones in reserve have', async () => {
    const asksFor24Mb = '"NAME " + new Array(3e6).fill(1.5).length';
    for (const [name, memoryMib] of [['large', 96], ['small', 16]] as const) await runtime.load(name, botOf(name), { memory_mib: memoryMib, cpu_ms: 1_000 });
    for (let turn = 0; turn < 2; turn++) {
      for (const name of ['a', 'd']) await asked(name, botOf(name), '"NAME"');
      expect(await asked('large', botOf('large'), asksFor24Mb)).toBe('large 3000000');
    }
    expect(await asked('small', botOf('small'), '"NAME"')).toBe('small');
    for (const name of ['large', 'd', 'e']) await asked(name, botOf(name), '"NAME"');
    expect(await asked('small', botOf('small'), asksFor24Mb)).toMatch(/memory|dispos/i);
  });

  it('are refused with the reason when the engine or what follows it does not evaluate', async () => {
    await expect(runtime.load('g', `${markEngine('throw new Error("no engine");')};botplane.init(1);`)).rejects.toMatchObject({ code: 3, details: expect.stringContaining('no engine') as string });
    await expect(runtime.load('h', `${markEngine(ENGINE)};botplane.other(1);`)).rejects.toMatchObject({ code: 3, details: expect.stringContaining('not a function') as string });
  });
});
