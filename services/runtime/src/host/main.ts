import { zstdCompressSync } from 'node:zlib';
import { Engines } from './engine.ts';
import { Command, FrameReader, Report, encodeFrame } from './protocol.ts';
import type { Frame } from './protocol.ts';
import { Worker } from './worker.ts';

/**
 * Entry of a sandbox host: a process with an empty environment, without files, child processes or workers, that runs bots' code.
 * Arguments: isolatesMax, idleTtlMs. Ends when its standard input does.
 */
const VITALS_MS = 5_000;
const [isolatesMax = 1, idleTtlMs = 60_000] = process.argv.slice(2).map(Number);
const worker = new Worker({ isolatesMax, idleTtlMs });
const engines = new Engines();
const reader = new FrameReader();
// Standard output of a child on Linux writes at once, so a report is out before the next call can block or kill this process.
const report = (kind: number, id: number, numbers: readonly number[], text = ''): void => void process.stdout.write(encodeFrame(kind, id, numbers, text));

function obey({ kind, id, body }: Frame): void {
  switch (kind) {
    case Command.Register:
      return register(id, body);
    case Command.Forget:
      return worker.forget(id);
    case Command.Prepare:
    case Command.Run:
      return perform(kind, id, body);
    default:
      throw new RangeError(`unknown command ${kind}`);
  }
}

function register(index: number, body: Buffer): void {
  const code = body.subarray(12);
  const engineEnd = body.readUInt32LE(8);
  const engine = engineEnd > 0 ? engines.of(code.subarray(0, engineEnd)) : undefined;
  worker.register(index, { memoryMiB: body.readUInt32LE(0), cpuMs: body.readUInt32LE(4), packedCode: zstdCompressSync(code.subarray(engineEnd)), engine });
}

function perform(kind: number, callId: number, body: Buffer): void {
  const phase = (msMax: number): void => report(Report.Phase, callId, [msMax]);
  const index = body.readUInt32LE(0);
  const startedMs = performance.now();
  const done = kind === Command.Run ? worker.run(index, body.toString('utf8', 4), phase) : worker.prepare(index, phase);
  const tookUs = Math.round((performance.now() - startedMs) * 1_000);
  report(Report.Done, callId, [done.status, done.cold ? 1 : 0, worker.live, tookUs], done.text);
}

process.stdin.on('data', (chunk: Buffer) => {
  for (const frame of reader.push(chunk)) {
    obey(frame);
    worker.dispose();
  }
});
process.stdin.on('end', () => process.exit(0));
setInterval(
  () => {
    worker.sweep();
    report(Report.Vitals, 0, [worker.live, Math.ceil(process.memoryUsage.rss() / 1024 ** 2)]);
  },
  Math.max(100, Math.min(idleTtlMs / 4, VITALS_MS)),
).unref();
report(Report.Ready, process.pid, []);
