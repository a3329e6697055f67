import { GRPC_MESSAGE_BYTES_MAX, RevisionLoads, loadRuntimeService, runtimeCredentials } from '@botplane/contracts/grpc';
import type { WholeLoad } from '@botplane/contracts/grpc';
import type { ListQuarantinedResponse, ProbeRequest, ProbeResponse, RuntimeClient } from '@botplane/contracts';
import { status } from '@grpc/grpc-js';
import type { ChannelCredentials, ServiceError } from '@grpc/grpc-js';
import { LOAD_MS_MAX, PROBE_MS_MAX, QUARANTINE_CALL_MS_MAX, RUNTIME_CONNECTIONS_MAX } from '../limits.ts';

/** `refused`: the code itself is at fault. `full`: this pod has no room. `away`: nothing can be said; try another pod, or later. */
export type LoadResult = { kind: 'loaded' } | { kind: 'refused' | 'full' | 'away'; message: string };
export type ProbeResult = { kind: 'output'; json: string } | { kind: 'guestFault'; message: string } | { kind: 'away'; message: string };

/** Speaks to runtime pods over gRPC; keeps one connection per address. */
export class RuntimePods {
  private readonly Client = loadRuntimeService();
  private readonly clients = new Map<string, RuntimeClient>();
  private readonly loads = new RevisionLoads();

  constructor(private readonly credentials: ChannelCredentials = runtimeCredentials()) {}

  async load(address: string, request: WholeLoad): Promise<LoadResult> {
    try {
      await this.loads.load(this.client(address), request, LOAD_MS_MAX);
      return { kind: 'loaded' };
    } catch (error) {
      const { code, details } = error as ServiceError;
      if (code === status.INVALID_ARGUMENT) return { kind: 'refused', message: details };
      if (code === status.RESOURCE_EXHAUSTED) return { kind: 'full', message: details };
      return { kind: 'away', message: `${status[code] ?? 'error'}: ${details}` };
    }
  }

  async probe(address: string, request: ProbeRequest): Promise<ProbeResult> {
    try {
      const answer = await unary<ProbeResponse>((deadline, callback) => this.client(address).Probe(request, { deadline }, callback), PROBE_MS_MAX);
      return fromAnswer(answer);
    } catch (error) {
      const { code, details } = error as ServiceError;
      return { kind: 'away', message: `${status[code] ?? 'error'}: ${details}` };
    }
  }

  /** Revisions that the pod runs apart; undefined: it did not say. */
  async quarantined(address: string): Promise<ListQuarantinedResponse['revisions'] | undefined> {
    try {
      const { revisions } = await unary<ListQuarantinedResponse>((deadline, callback) => this.client(address).ListQuarantined({}, { deadline }, callback), QUARANTINE_CALL_MS_MAX);
      return revisions;
    } catch {
      return undefined;
    }
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private client(address: string): RuntimeClient {
    const known = this.clients.get(address);
    this.clients.delete(address);
    const client = known ?? new this.Client(address, this.credentials, {
      'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
      'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
      // A pod that came back at the same address must not be avoided for the default two minutes.
      'grpc.max_reconnect_backoff_ms': 2_000,
    });
    this.clients.set(address, client);
    this.dropOldest();
    return client;
  }

  private dropOldest(): void {
    const [oldest] = this.clients;
    if (this.clients.size <= RUNTIME_CONNECTIONS_MAX || !oldest) return;
    oldest[1].close();
    this.clients.delete(oldest[0]);
  }
}

function fromAnswer(answer: ProbeResponse): ProbeResult {
  if (answer.failure) {
    const { code, message } = answer.failure;
    const isGuestFault = code === 'GUEST_ERROR' || code === 'OVERRUN';
    return { kind: isGuestFault ? 'guestFault' : 'away', message: `${code}: ${message}` };
  }
  return { kind: 'output', json: answer.output_json ?? '' };
}

function unary<Response>(
  call: (deadline: Date, callback: (error: ServiceError | null, response?: Response) => void) => unknown, msMax: number,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call(new Date(Date.now() + msMax), (error, response) => (error ? reject(error) : resolve(response as Response)));
  });
}
