import { readSync, writeSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { Engines } from './engine.ts';
import { Command, FrameReader, Report, encodeFrame } from './protocol.ts';
import type { Frame } from './protocol.ts';
import { Worker } from './worker.ts';

/**
 * Entry of a sandbox host: a process with an empty environment, without files, child processes or workers, that runs bots' code.
 * Arguments: isolatesMax, idleTtlMs. Ends when its standard input does.
 */
const [isolatesMax = 1, idleTtlMs = 60_000] = process.argv.slice(2).map(Number);
const [INPUT, OUTPUT] = [0, 1];
const room = Buffer.allocUnsafeSlow(256 * 1024);
const worker = new Worker({ isolatesMax, idleTtlMs });
const engines = new Engines();
const reader = new FrameReader();

/** Writes at once, so a report is out before the next call can block or kill this process. */
function report(kind: number, id: number, numbers: readonly number[], text = ''): void {
  const frame = encodeFrame(kind, id, numbers, text);
  for (let written = 0; written < frame.length; ) written += writeSync(OUTPUT, frame, written);
}

function obey({ kind, id, body }: Frame): void {
  switch (kind) {
    case Command.Register:
      return register(id, body);
    case Command.Forget:
      return worker.forget(id);
    case Command.Prepare:
    case Command.Run:
      return perform(kind, id, body);
    case Command.Sweep:
      worker.sweep();
      return report(Report.Vitals, 0, [worker.live, Math.ceil(process.memoryUsage.rss() / 1024 ** 2)]);
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
  report(Report.Done, callId, [done.status, done.cold ? 1 : 0, worker.live, tookUs, Math.round(done.cpuMs * 1_000)], done.text);
}

/** What came in, in a buffer of its own; undefined: a signal came instead. */
function receive(): Buffer | undefined {
  try {
    return Buffer.from(room.subarray(0, readSync(INPUT, room)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINTR') return undefined;
    throw error;
  }
}

/**
 * Reads what the main process has sent and does it, in one turn of the event loop after the other: V8 finishes its own work in between.
 * A process that waits in the read itself takes two calls of the system for a step, where streams take many.
 */
function work(): void {
  const chunk = receive();
  if (chunk?.length === 0) process.exit(0);
  for (const frame of chunk === undefined ? [] : reader.push(chunk)) {
    obey(frame);
    worker.dispose();
  }
  worker.getReady();
  setImmediate(work);
}

report(Report.Ready, process.pid, []);
setImmediate(work);
