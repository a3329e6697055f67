import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { GrpcMethod, GrpcStreamCall } from '@nestjs/microservices';
import { AppError, ErrorCode, TurnBatches, toRpcError } from '@botplane/kit';
import { SandboxPool } from '../../app/sandbox-pool.ts';
import { failure } from '../../domain/call.ts';
import type { CallResult } from '../../domain/call.ts';
import { DRAIN_MS_MAX, MESSAGE_CHARS_MAX, STREAM_CALLS_MAX } from '../../limits.ts';
import type { LoadMessage, LoadReply, ProbeMessage, ProbeReply, QuarantinedReply, ResultFields, RunMessage, RunReply, RunResult } from './messages.ts';

type RunStream = ServerDuplexStream<RunMessage, RunReply>;

/** botplane.runtime.v1.Runtime. */
@Controller()
export class RuntimeController implements OnModuleDestroy {
  private readonly pool: SandboxPool;
  private readonly streams = new Map<RunStream, RunCalls>();

  constructor(@Inject(SandboxPool) pool: SandboxPool) {
    this.pool = pool;
  }

  @GrpcMethod('Runtime', 'Load')
  async load(message: LoadMessage): Promise<LoadReply> {
    const result = await this.pool.load({
      botId: message.bot_id,
      revHash: message.rev_hash,
      sha256: message.sha256,
      code: message.code,
      engineSha256: message.engine_sha256,
      memoryMiB: message.limits?.memory_mib ?? 0,
      cpuMs: message.limits?.cpu_ms ?? 0,
    });
    if (result.kind === 'loaded') return { already_loaded: result.already, load_ms: result.tookMs, engine_sha256: result.engineSha256 ?? '' };
    throw toRpcError(new AppError(REFUSALS[result.kind], result.message));
  }

  @GrpcMethod('Runtime', 'Probe')
  async probe(message: ProbeMessage): Promise<ProbeReply> {
    const result = await this.pool.probe(message.bot_id, message.rev_hash, message.input_json);
    if (!result) throw toRpcError(new AppError(ErrorCode.RevisionNotLoaded, 'revision is not loaded'));
    return { ...resultFields(result), cpu_ms: result.kind === 'output' ? result.tookMs : 0 };
  }

  @GrpcMethod('Runtime', 'ListQuarantined')
  listQuarantined(): QuarantinedReply {
    return { revisions: this.pool.quarantined().map(({ revision, cause }) => ({ bot_id: revision.botId, rev_hash: revision.revHash, cause })) };
  }

  @GrpcStreamCall('Runtime', 'Run')
  run(stream: RunStream): void {
    const calls = new RunCalls(stream, this.pool);
    this.streams.set(stream, calls);
    stream.on('end', () => void this.finish(stream, calls));
    stream.on('close', () => this.streams.delete(stream));
    stream.on('error', () => this.streams.delete(stream));
  }

  /** Calls in hand are answered, then the streams end: executors open new ones to other pods. */
  async onModuleDestroy(): Promise<void> {
    this.pool.drain();
    const untilMs = performance.now() + DRAIN_MS_MAX;
    while (this.pool.size > 0 && performance.now() < untilMs) await sleep(5);
    for (const calls of this.streams.values()) calls.end();
    this.pool.close();
  }

  /** The caller sends no more; it still gets its answers. */
  private async finish(stream: RunStream, calls: RunCalls): Promise<void> {
    while (calls.inHand > 0 && this.streams.has(stream)) await sleep(5);
    calls.end();
  }
}

const REFUSALS = { invalid: ErrorCode.RevisionInvalid, exhausted: ErrorCode.SandboxExhausted, no_engine: ErrorCode.EngineNotKept } as const;

/** The calls of one stream. */
class RunCalls {
  inHand = 0;
  private takesMore = false;
  private readonly results = new TurnBatches<RunResult>(({ output_json: json = '' }) => json.length, (first, more) => this.write(first, more));
  private readonly stream: RunStream;
  private readonly pool: SandboxPool;

  constructor(stream: RunStream, pool: SandboxPool) {
    this.stream = stream;
    this.pool = pool;
    stream.on('drain', () => stream.resume());
    stream.on('data', (message: RunMessage) => {
      this.takesMore = message.takes_more;
      for (const call of [message, ...message.more]) this.start(call);
    });
  }

  /** After what is answered already. */
  end(): void {
    this.results.flush();
    this.stream.end();
  }

  private start(call: RunMessage): void {
    if (this.inHand >= STREAM_CALLS_MAX) return this.answer(call.call_id, failure('OVERLOADED', 'too many calls on this stream'));
    this.inHand += 1;
    const tracedSinceMs = call.traceparent === '' ? undefined : performance.now();
    void this.pool.run(call.bot_id, call.rev_hash, call.input_json).then((result) => {
      this.inHand -= 1;
      this.answer(call.call_id, result, tracedSinceMs);
    });
  }

  private answer(callId: number, result: CallResult, tracedSinceMs?: number): void {
    const fields: RunResult = { call_id: callId, ...resultFields(result) };
    if (tracedSinceMs !== undefined) fields.trace = traceOf(result, performance.now() - tracedSinceMs);
    this.results.add(fields);
  }

  private write(first: RunResult, more: RunResult[]): void {
    const replies = this.takesMore ? [{ ...first, more }] : [first, ...more];
    for (const reply of replies) {
      if (!this.stream.writable) return;
      const hasRoom = this.stream.write({ ...reply, takes_more: true });
      if (!hasRoom) this.stream.pause(); // The caller reads slower than it asks.
    }
  }
}

/** This pod reaches no collector: the caller tells of the call's times. */
function traceOf(result: CallResult, tookMs: number): RunReply['trace'] & object {
  return { took_ms: tookMs, step_ms: result.kind === 'output' ? result.tookMs : 0, cpu_ms: result.cpuMs, cold: result.cold };
}

function resultFields(result: CallResult): ResultFields {
  if (result.kind === 'output') return { output_json: result.json };
  return { failure: { code: result.code, message: result.message.slice(0, MESSAGE_CHARS_MAX) } };
}
