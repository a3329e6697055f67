import { status } from '@grpc/grpc-js';
import type { GuestInput, GuestOutput, RunFailure, RuntimeRecord } from '@botplane/contracts';
import { hash32 } from '@botplane/domain';
import type { WatchedBucket } from '@botplane/nats';
import { GuestFailure, TemporaryFailure } from '../../app/failures.ts';
import type { GuestAddress, Guests } from '../../app/ports.ts';
import { parseGuestOutput } from '../../domain/guest-output.ts';
import { RuntimeConnection } from './runtime-connection.ts';
import type { S3Revisions } from './s3-revisions.ts';

/** Runs guests in the pods that KV `runtimes` names; a bot keeps to one pod as long as the pods stay the same. */
export class GrpcGuests implements Guests {
  private readonly connections = new Map<string, RuntimeConnection>();
  private readonly loading = new Map<string, Promise<void>>();

  constructor(
    private readonly runtimes: Pick<WatchedBucket<RuntimeRecord>, 'get' | 'keys'>,
    private readonly revisions: S3Revisions,
    private readonly observeSeconds: (seconds: number) => void,
  ) {}

  async run(address: GuestAddress, input: GuestInput): Promise<GuestOutput> {
    const connection = this.connectionFor(address);
    const call = { botId: address.botId, revHash: address.revHash, inputJson: JSON.stringify(input) };
    for (let tries = 1; ; tries++) {
      const startedMs = performance.now();
      const response = await connection.run(call);
      this.observeSeconds((performance.now() - startedMs) / 1_000);
      if (response.output_json !== undefined) return parseGuestOutput(response.output_json);
      const failure = response.failure ?? undefined;
      if (failure?.code !== 'NOT_LOADED' || tries > 1) throw toError(failure);
      await this.load(connection, address);
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
    const ranked = pods.map(({ uid, address }) => ({ address, weight: hash32(`${botId}/${uid}`) })).sort((a, b) => b.weight - a.weight);
    const chosen = ranked.find(({ address }) => this.connections.get(address)?.isDoubtful !== true) ?? ranked[0];
    if (chosen === undefined) throw new TemporaryFailure('runtime', `runtime ${runtime} has no ready pod`);
    return this.connect(chosen.address);
  }

  private connect(address: string): RuntimeConnection {
    let connection = this.connections.get(address);
    if (connection === undefined) {
      connection = new RuntimeConnection(address);
      this.connections.set(address, connection);
    }
    return connection;
  }

  /** Loads a revision once per pod, however many updates wait for it. */
  private load(connection: RuntimeConnection, address: GuestAddress): Promise<void> {
    const key = `${connection.address}/${address.revHash}`;
    let loading = this.loading.get(key);
    if (loading === undefined) {
      loading = this.loadNow(connection, address).finally(() => this.loading.delete(key));
      this.loading.set(key, loading);
    }
    return loading;
  }

  private async loadNow(connection: RuntimeConnection, { botId, revHash }: GuestAddress): Promise<void> {
    const { code, passport } = await this.revisions.code(botId, revHash);
    try {
      await connection.load({
        bot_id: botId, rev_hash: revHash, sha256: passport.files['bot.js'].sha256, code,
        limits: { memory_mib: passport.limits.memoryMiB, cpu_ms: passport.limits.cpuMs },
      });
    } catch (error) {
      const { code: grpcCode, message } = error as { code?: number; message: string };
      if (grpcCode === status.INVALID_ARGUMENT) throw new GuestFailure('load_refused', message, { cause: error });
      throw new TemporaryFailure('runtime', message, { cause: error });
    }
  }
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
