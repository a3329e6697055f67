import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { loadRuntimeService } from '@botplane/contracts/grpc';
import type { GuestInput, GuestOutput, LoadRequest, RunRequest, RunResponse } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';

export type Guest = (input: GuestInput, revHash: string) => GuestOutput | { failure: string } | Promise<GuestOutput | { failure: string }>;

/** A runtime pod without a sandbox: it runs a function of the test. Stands for our own port. */
export class FakeRuntime {
  readonly runs: { revHash: string; input: GuestInput }[] = [];
  readonly loaded = new Map<string, string>();
  /** Messages that brought runs. */
  messages = 0;
  /** False: like a pod of an earlier version. */
  takesMore = true;
  guest: Guest;
  private server = new Server();
  private port = 0;

  constructor(guest: Guest) {
    this.guest = guest;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.server = new Server();
    this.server.addService(loadRuntimeService().service, {
      Load: (call: ServerUnaryCall<LoadRequest, unknown>, reply: sendUnaryData<unknown>) => this.load(call.request, reply),
      Probe: () => undefined,
      Run: (stream: ServerDuplexStream<RunRequest, RunResponse>) => {
        stream.on('data', (request: RunRequest) => {
          this.messages++;
          for (const call of [request, ...(this.takesMore ? (request.more ?? []) : [])]) void this.run(stream, call);
        });
        stream.on('end', () => stream.end());
        stream.on('error', () => undefined);
      },
    });
    this.port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
    });
  }

  stop(): void {
    this.server.forceShutdown();
    this.loaded.clear();
  }

  private load(request: LoadRequest, reply: sendUnaryData<unknown>): void {
    const code = Buffer.from(request.code as Uint8Array);
    if (sha256Hex(code) !== request.sha256) return reply({ code: status.INVALID_ARGUMENT, message: 'sha256 does not match' });
    this.loaded.set(String(request.rev_hash), code.toString());
    reply(null, { already_loaded: false, load_ms: 1 });
  }

  private async run(stream: ServerDuplexStream<RunRequest, RunResponse>, request: RunRequest): Promise<void> {
    const answer = (response: object): void => {
      if (!stream.destroyed && stream.writable) stream.write({ call_id: request.call_id, ...response, ...(this.takesMore ? { takes_more: true } : {}) } as RunResponse);
    };
    if (!this.loaded.has(String(request.rev_hash))) return answer({ failure: { code: 'NOT_LOADED', message: '' } });
    const input = JSON.parse(String(request.input_json)) as GuestInput;
    this.runs.push({ revHash: String(request.rev_hash), input });
    const output = await this.guest(input, String(request.rev_hash));
    answer('failure' in output ? { failure: { code: output.failure, message: 'told to' } } : { output_json: JSON.stringify(output) });
  }
}

