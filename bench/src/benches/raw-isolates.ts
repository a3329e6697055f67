import { setTimeout as sleep } from 'node:timers/promises';
import ivm from 'isolated-vm';

/** What the parent asks for; one at a time. */
export type RawOrder =
  /** Isolate, context, compile with V8's cache; nothing of the bot runs. */
  | { kind: 'compile'; code: string; samples: number; everyMs: number }
  /** The same, evaluation and one call; each is ended again. */
  | { kind: 'cold'; code: string; input: string; samples: number; everyMs: number }
  /** Calls to one isolate with a copied argument and result. */
  | { kind: 'warm'; code: string; input: string; samples: number }
  /** Makes isolates, calls each once and keeps them. */
  | { kind: 'hold'; code: string; input: string; isolates: number };
/** Times in ms; memory in MB. */
export interface RawAnswer {
  times: number[];
  residentMb: number;
}

type Enter = ivm.Reference<(input: string) => string>;

/** No loop of this process runs other people's code, so it may wait for each isolate. */
function makeIsolate(code: string, cachedData?: ivm.ExternalCopy<ArrayBuffer>): { isolate: ivm.Isolate; enter: Enter; cachedData: ivm.ExternalCopy<ArrayBuffer> | undefined } {
  const isolate = new ivm.Isolate({ memoryLimit: 32 });
  const context = isolate.createContextSync();
  const script: ivm.Script & { cachedData?: ivm.ExternalCopy<ArrayBuffer> } = isolate.compileScriptSync(code, { filename: 'bot.js', ...(cachedData ? { cachedData } : { produceCachedData: true }) });
  script.runSync(context);
  return { isolate, enter: context.evalSync('(input) => botplane.run(input)', { reference: true }) as Enter, cachedData: script.cachedData };
}

/** Times of `make`, which gives what ends it again; each begins when the one before it is over and `everyMs` have passed. */
async function timed(samples: number, everyMs: number, make: () => Promise<ivm.Isolate>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < samples; n++) {
    const startedMs = performance.now();
    const isolate = await make();
    times.push(performance.now() - startedMs);
    isolate.dispose();
    await sleep(Math.max(0, startedMs + everyMs - performance.now()));
  }
  return times;
}

const perform: { [kind in RawOrder['kind']]: (order: Extract<RawOrder, { kind: kind }>) => Promise<number[]> } = {
  async compile({ code, samples, everyMs }) {
    const { cachedData, isolate: first } = makeIsolate(code);
    first.dispose();
    return timed(samples, everyMs, async () => {
      const isolate = new ivm.Isolate({ memoryLimit: 32 });
      await isolate.createContext();
      await isolate.compileScript(code, { filename: 'bot.js', ...(cachedData ? { cachedData } : {}) });
      return isolate;
    });
  },

  async cold({ code, input, samples, everyMs }) {
    const { cachedData, isolate: first } = makeIsolate(code);
    first.dispose();
    return timed(samples, everyMs, async () => {
      const { isolate, enter } = makeIsolate(code, cachedData);
      await enter.apply(undefined, [input]);
      return isolate;
    });
  },

  async warm({ code, input, samples }) {
    const { isolate, enter } = makeIsolate(code);
    const times: number[] = [];
    for (let n = 0; n < samples; n++) {
      const startedMs = performance.now();
      await enter.apply(undefined, [input], { arguments: { copy: true }, result: { copy: true } });
      times.push(performance.now() - startedMs);
    }
    isolate.dispose();
    return times;
  },

  async hold({ code, input, isolates }) {
    const { cachedData } = keep(makeIsolate(code));
    for (let n = 1; n < isolates; n++) await keep(makeIsolate(code, cachedData)).enter.apply(undefined, [input]);
    return [];
  },
};

const held: unknown[] = [];
const keep = <T>(isolate: T): T => {
  held.push(isolate);
  return isolate;
};

process.on('message', (order: RawOrder) => {
  void (perform[order.kind] as (order: RawOrder) => Promise<number[]>)(order).then((times) => process.send?.({ times, residentMb: process.memoryUsage.rss() / 1e6 } satisfies RawAnswer));
});
