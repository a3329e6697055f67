import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '@botplane/domain';
import { buildArtefacts, compileBotSpec, createEngine } from '../src/index.ts';
import type { Program } from '../src/index.ts';
import { Player, exampleSpec, ok } from './player.ts';

/** A child that holds one isolate: line in, line out. isolated-vm needs --no-node-snapshot, so not in this process. */
class IsolateProcess {
  readonly #child = spawn(process.execPath, ['--no-node-snapshot', fileURLToPath(new URL('isolate-child.ts', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
  readonly #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();

  async ask(message: object): Promise<string> {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the isolate process ended');
    return value;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

describe('bot.js in a bare isolate', () => {
  const isolate = new IsolateProcess();
  const spec = exampleSpec('coffee-club');
  const compiled = compileBotSpec(spec);
  if (!compiled.ok) throw new Error('coffee-club does not compile');
  const { files } = buildArtefacts({ botId: 'default_coffee-club', spec, compiled, limits: { memoryMiB: 64, cpuMs: 100 }, secretNames: [] });

  beforeAll(async () => {
    expect(JSON.parse(await isolate.ask({ load: files['bot.js'] }))).toEqual({ run: 'function', init: 'undefined' });
  });
  afterAll(() => isolate.end());

  it('[P9] gives the very outputs of the engine in Node', async () => {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const here = new Player(compiled.program);
    const recorded = new Player((input) => {
      inputs.push(input);
      const output = runHere(input);
      outputs.push(output);
      return output;
    });
    // bot.js carries the program as canonical JSON, so keys come in that order.
    const engine = createEngine(JSON.parse(canonicalJson(compiled.program)) as Program);
    function runHere(input: string): string {
      return engine.run(input);
    }
    recorded.api = () => ok({ total: 4.5 });
    expect(here.say('/start')).toEqual(recorded.say('/start'));
    recorded.tap('Order');
    recorded.tap('Small');
    recorded.say('nope');
    recorded.say('ä@ö.c');
    recorded.say('Кава');
    recorded.advance(3_600_000);
    for (const [index, input] of inputs.entries()) expect(await isolate.ask({ run: input })).toBe(outputs[index]);
    expect(inputs.length).toBeGreaterThan(7);
  });

  it('answers nonsense with an outcome', async () => {
    for (const input of ['', '{', 'null', '{"event":{"kind":"update","update":{"message":{"chat":{"id":1}}}}}']) {
      expect(JSON.parse(await isolate.ask({ run: input }))).toMatchObject({ outcome: { code: expect.any(String) } });
    }
  });

  it('leaves nothing of itself but run to the host, and needs nothing of Node', async () => {
    expect(JSON.parse(await isolate.ask({ globals: true }))).toEqual(['TextDecoder', 'TextEncoder', 'botplane']);
  });
});
