import type { ChannelCredentials, ClientDuplexStream } from '@grpc/grpc-js';
import { GRPC_MESSAGE_BYTES_MAX, RevisionLoads, loadRuntimeService, runtimeCredentials } from '@botplane/contracts/grpc';
import type { WholeLoad } from '@botplane/contracts/grpc';
import type { RunRequest, RunResponse, RuntimeClient } from '@botplane/contracts';
import { TurnBatches } from '@botplane/kit';
import { TemporaryFailure } from '../../app/failures.ts';
import { LIMITS } from '../../limits.ts';

/** One step of a bot. */
export interface RunCall {
  botId: string;
  revHash: string;
  inputJson: string;
}

interface Waiting {
  resolve: (response: RunResponse) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** gRPC to one runtime pod: one long stream for runs, plain calls for the rest. */
export class RuntimeConnection {
  private readonly client: RuntimeClient;
  private readonly loads: RevisionLoads;
  private stream: ClientDuplexStream<RunRequest, RunResponse> | undefined;
  private readonly outgoing = new TurnBatches<RunRequest>(({ input_json = '' }) => input_json.length, (first, more) => this.send(first, more));
  /** The pod said that it takes several calls in one message. */
  private takesMore = false;
  private readonly waiting = new Map<number, Waiting>();
  private lastCallId = 0;
  private notBeforeMs = 0;
  private avoidUntilMs = 0;
  private isClosed = false;

  constructor(
    readonly address: string,
    credentials: ChannelCredentials = runtimeCredentials(),
    loads = new RevisionLoads(),
  ) {
    this.loads = loads;
    const Client = loadRuntimeService();
    this.client = new Client(address, credentials, {
      'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
      'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 3_000,
      'grpc.initial_reconnect_backoff_ms': LIMITS.podReconnectMs,
      'grpc.max_reconnect_backoff_ms': 2_000,
    });
  }

  /** True for a while after the pod failed, unless it answered since: another pod is the better choice. */
  get isDoubtful(): boolean {
    return performance.now() < this.avoidUntilMs;
  }

  /** Runs one step; with `traceparent` the answer says how long its parts took. Throws TemporaryFailure when the pod is away, busy or silent. */
  run(call: RunCall, traceparent?: string): Promise<RunResponse> {
    if (this.waiting.size >= LIMITS.runsPerPodMax) return Promise.reject(new TemporaryFailure('runtime', 'too many calls on one pod'));
    if (this.open() === undefined) return Promise.reject(new TemporaryFailure('runtime', 'the pod is away'));
    const callId = ++this.lastCallId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail(new TemporaryFailure('runtime', 'the pod does not answer')), LIMITS.runAnswerMsMax);
      this.waiting.set(callId, { resolve, reject, timer });
      const request: RunRequest = { call_id: callId, bot_id: call.botId, rev_hash: call.revHash, input_json: call.inputJson };
      if (traceparent !== undefined) request.traceparent = traceparent;
      this.outgoing.add(request);
    });
  }

  /** Makes a revision ready on the pod; rejects with a gRPC ServiceError. */
  load(request: WholeLoad): Promise<void> {
    return this.loads.load(this.client, request, LIMITS.loadMsMax);
  }

  close(): void {
    this.isClosed = true;
    this.fail(new TemporaryFailure('runtime', 'the pod is gone'));
    this.client.close();
  }

  private open(): ClientDuplexStream<RunRequest, RunResponse> | undefined {
    if (this.isClosed) return undefined;
    if (this.stream !== undefined) return this.stream;
    if (performance.now() < this.notBeforeMs) return undefined;
    const stream = this.client.Run();
    this.takesMore = false;
    stream.on('data', (response: RunResponse) => this.receive(response));
    stream.on('error', (error: Error) => this.lost(stream, error.message));
    stream.on('end', () => this.lost(stream, 'the pod ended the stream'));
    this.stream = stream;
    return stream;
  }

  private send(first: RunRequest, more: RunRequest[]): void {
    const messages = this.takesMore ? [{ ...first, more }] : [first, ...more];
    for (const message of messages) this.stream?.write({ ...message, takes_more: true });
  }

  private receive(response: RunResponse): void {
    this.takesMore = response.takes_more;
    this.settle(response);
    for (const result of response.more) this.settle(result);
  }

  private settle(response: RunResponse): void {
    const waiting = this.waiting.get(response.call_id);
    if (waiting === undefined) return;
    this.waiting.delete(response.call_id);
    this.avoidUntilMs = 0;
    clearTimeout(waiting.timer);
    waiting.resolve(response);
  }

  private lost(stream: ClientDuplexStream<RunRequest, RunResponse>, message: string): void {
    if (this.stream !== stream) return;
    this.fail(new TemporaryFailure('runtime', message));
  }

  /** Ends the stream with everything on it: which calls were done is unknown, and to run them again is harmless. */
  private fail(error: TemporaryFailure): void {
    const { stream } = this;
    this.stream = undefined;
    this.outgoing.drop();
    this.notBeforeMs = performance.now() + LIMITS.podReconnectMs;
    this.avoidUntilMs = performance.now() + LIMITS.podAvoidMs;
    stream?.cancel();
    const failed = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject, timer } of failed) {
      clearTimeout(timer);
      reject(error);
    }
  }
}
