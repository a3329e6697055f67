import { status } from '@grpc/grpc-js';
import type { ChannelCredentials } from '@grpc/grpc-js';
import type { GuestInput, GuestOutput, RunFailure, RunResponse, RuntimeRecord } from '@botplane/contracts';
import { RUNTIME_PACKAGE, RevisionLoads } from '@botplane/contracts/grpc';
import { podWeight } from '@botplane/domain';
import type { Span } from '@botplane/kit';
import type { WatchedBucket } from '@botplane/nats';
import { GuestFailure, TemporaryFailure } from '../../app/failures.ts';
import type { GuestAddress, Guests } from '../../app/ports.ts';
import { parseGuestOutput } from '../../domain/guest-output.ts';
import { RuntimeConnection } from './runtime-connection.ts';
import type { RunCall } from './runtime-connection.ts';
import type { S3Revisions } from './s3-revisions.ts';

const RUNTIME_SERVICE = `${RUNTIME_PACKAGE}.Runtime`;

/** Runs guests in the pods that KV `runtimes` names; a bot keeps to one pod as long as the pods stay the same. */
export class GrpcGuests implements Guests {
  private readonly connections = new Map<string, RuntimeConnection>();
  private readonly loading = new Map<string, Promise<void>>();
  private readonly loads = new RevisionLoads();

  constructor(
    private readonly runtimes: Pick<WatchedBucket<RuntimeRecord>, 'get' | 'keys'>,
    private readonly revisions: S3Revisions,
    private readonly observeSeconds: (seconds: number) => void,
    private readonly credentials: ChannelCredentials,
  ) {}

  async run(address: GuestAddress, input: GuestInput, span?: Span): Promise<GuestOutput> {
    const connection = this.connectionFor(address);
    const call = { botId: address.botId, revHash: address.revHash, inputJson: JSON.stringify(input) };
    for (let tries = 1; ; tries++) {
      const startedMs = performance.now();
      const response = span === undefined ? await connection.run(call) : await tracedRun(connection, call, span);
      this.observeSeconds((performance.now() - startedMs) / 1_000);
      if (response.output_json !== undefined) return parseGuestOutput(response.output_json);
      const failure = response.failure ?? undefined;
      if (failure?.code !== 'NOT_LOADED' || tries > 1) throw toError(failure);
      await this.load(connection, address, span);
    }
  }

  /** Drops connections to pods that no record names any more. */
  forgetMissing(): void {
    const named = new Set([...this.runtimes.keys()].flatMap((key) => this.runtimes.get(key)?.value.pods.map((pod) => pod.address) ?? []));
    for (const [address, connection] of this.connections) {
      if (named.has(address)) continue;
      this.connections.delete(address);
      connection.close();
    }
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
    this.connections.clear();
  }

  private connectionFor({ botId, runtime }: GuestAddress): RuntimeConnection {
    const pods = this.runtimes.get(runtime)?.value.pods ?? [];
    const ranked = pods.map(({ uid, address }) => ({ address, weight: podWeight(botId, uid) })).sort((a, b) => b.weight - a.weight);
    const chosen = ranked.find(({ address }) => this.connections.get(address)?.isDoubtful !== true) ?? ranked[0];
    if (chosen === undefined) throw new TemporaryFailure('runtime', `runtime ${runtime} has no ready pod`);
    return this.connect(chosen.address);
  }

  private connect(address: string): RuntimeConnection {
    let connection = this.connections.get(address);
    if (connection === undefined) {
      connection = new RuntimeConnection(address, this.credentials, this.loads);
      this.connections.set(address, connection);
    }
    return connection;
  }

  /** Loads a revision once per pod, however many updates wait for it. */
  private load(connection: RuntimeConnection, address: GuestAddress, span: Span | undefined): Promise<void> {
    const key = `${connection.address}/${address.revHash}`;
    let loading = this.loading.get(key);
    if (loading === undefined) {
      loading = this.loadNow(connection, address, span).finally(() => this.loading.delete(key));
      this.loading.set(key, loading);
    }
    return loading;
  }

  private async loadNow(connection: RuntimeConnection, { botId, revHash }: GuestAddress, span: Span | undefined): Promise<void> {
    const { code, passport } = await this.revisions.code(botId, revHash);
    const calling = span && callSpan(span, connection, 'Load');
    try {
      await connection.load({
        bot_id: botId, rev_hash: revHash, sha256: passport.files['bot.js'].sha256, code,
        limits: { memory_mib: passport.limits.memoryMiB, cpu_ms: passport.limits.cpuMs },
      });
    } catch (error) {
      const { code: grpcCode, message } = error as { code?: number; message: string };
      if (grpcCode === status.INVALID_ARGUMENT) throw new GuestFailure('load_refused', message, { cause: error });
      throw new TemporaryFailure('runtime', message, { cause: error });
    } finally {
      calling?.end();
    }
  }
}

function callSpan(span: Span, { address }: RuntimeConnection, method: 'Run' | 'Load'): Span {
  const at = address.lastIndexOf(':');
  const rpc = { 'rpc.system.name': 'grpc', 'rpc.system': 'grpc', 'rpc.service': RUNTIME_SERVICE, 'rpc.method': method };
  return span.child(`${RUNTIME_SERVICE}/${method}`, 'client', { ...rpc, 'server.address': address.slice(0, at), 'server.port': Number(address.slice(at + 1)) });
}

/** Runs a step and tells of both sides: a runtime pod has no way to a collector, so it says in its answer how long the parts took. */
async function tracedRun(connection: RuntimeConnection, call: RunCall, span: Span): Promise<RunResponse> {
  const calling = callSpan(span, connection, 'Run');
  const startedMs = performance.now();
  try {
    const response = await connection.run(call, calling.traceparent);
    reportRun(calling, response, performance.now() - startedMs);
    return response;
  } catch (error) {
    calling.fail(error instanceof TemporaryFailure ? error.what : 'internal');
    throw error;
  } finally {
    calling.end();
  }
}

/** Its clock may differ from ours: what it took is put into the middle of what we waited. */
function reportRun(calling: Span, { trace, failure }: RunResponse, waitedMs: number): void {
  if (failure) calling.fail(failure.code ?? 'CODE_UNSPECIFIED');
  if (!trace) return;
  const served = { afterMs: (waitedMs - trace.took_ms) / 2, tookMs: Math.min(trace.took_ms, waitedMs) };
  const server = calling.report('runtime', `${RUNTIME_SERVICE}/Run`, 'server', served, { 'rpc.system.name': 'grpc', 'rpc.service': RUNTIME_SERVICE, 'rpc.method': 'Run' });
  if (trace.step_ms === 0) return;
  server.report('runtime', 'sandbox step', 'internal', { afterMs: served.tookMs - trace.step_ms, tookMs: trace.step_ms }, { 'botplane.sandbox.cold': trace.cold, 'botplane.sandbox.cpu_ms': trace.cpu_ms });
}

function toError(failure: RunFailure | undefined): Error {
  const message = failure?.message ?? 'no answer';
  switch (failure?.code) {
    case 'GUEST_ERROR':
      return new GuestFailure('guest_error', message);
    case 'OVERRUN':
      return new GuestFailure('overrun', message);
    default:
      // HOST_LOST, OVERLOADED, evicted again: not this update's fault.
      return new TemporaryFailure('runtime', `${failure?.code ?? 'empty'}: ${message}`);
  }
}
