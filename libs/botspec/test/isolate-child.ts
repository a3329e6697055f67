// Holds one bare isolate for isolate.test.ts: {load}, {run} or {globals} per line in, one line out.
import { createInterface } from 'node:readline';
import ivm from 'isolated-vm';

const isolate = new ivm.Isolate({ memoryLimit: 64 });
const context = isolate.createContextSync();
const evaluate = (code: string): string => String(context.evalSync(code));
const before = evaluate('JSON.stringify(Object.getOwnPropertyNames(globalThis))');

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as { load?: string; run?: string; globals?: boolean };
  if (message.load !== undefined) {
    isolate.compileScriptSync(message.load).runSync(context);
    reply(evaluate('JSON.stringify({ run: typeof botplane.run, init: typeof botplane.init })'));
  } else if (message.run !== undefined) {
    reply(String(context.evalClosureSync('return botplane.run($0)', [message.run], { timeout: 1_000 })));
  } else {
    reply(evaluate(`JSON.stringify(Object.getOwnPropertyNames(globalThis).filter((name) => !${before}.includes(name)).sort())`));
  }
}

function reply(text: string): void {
  process.stdout.write(`${text}\n`);
}
