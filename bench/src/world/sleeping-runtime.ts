import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { loadRuntimeService } from '@botplane/contracts/grpc';
import type { GuestInput, GuestOutput, LoadRequest, RunRequest, RunResponse } from '@botplane/contracts';

/** A runtime pod whose every step takes as long and costs next to nothing. A real one cannot wait: its steps are pure. */
export class SleepingRuntime {
  readonly address: string;

  private constructor(
    private readonly server: Server,
    port: number,
  ) {
    this.address = `127.0.0.1:${port}`;
  }

  static async start(stepMs: number): Promise<SleepingRuntime> {
    const loaded = new Set<string>();
    const run = async (stream: ServerDuplexStream<RunRequest, RunResponse>, request: RunRequest): Promise<void> => {
      const isLoaded = loaded.has(String(request.rev_hash));
      if (isLoaded) await sleep(stepMs);
      const result = isLoaded ? { output_json: JSON.stringify(answerTo(JSON.parse(String(request.input_json)) as GuestInput)) } : { failure: { code: 'NOT_LOADED', message: '' } };
      if (stream.writable) stream.write({ call_id: request.call_id, ...result, trace: null, takes_more: true, more: [] } as RunResponse);
    };
    const server = new Server();
    server.addService(loadRuntimeService().service, {
      Load: ({ request }: ServerUnaryCall<LoadRequest, unknown>, reply: sendUnaryData<unknown>) => {
        loaded.add(String(request.rev_hash));
        reply(null, { already_loaded: false, load_ms: 1 });
      },
      Probe: () => undefined,
      Run: (stream: ServerDuplexStream<RunRequest, RunResponse>) => {
        stream.on('data', (request: RunRequest) => {
          for (const call of [request, ...(request.more ?? [])]) void run(stream, call);
        });
        stream.on('end', () => stream.end());
        stream.on('error', () => undefined); // The executor was stopped.
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    return new SleepingRuntime(server, port);
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

function answerTo({ event, state }: GuestInput): GuestOutput {
  const chat = event.kind === 'update' ? (event.update as unknown as { message: { chat: { id: number } } }).message.chat.id : 0;
  return {
    state: { ...state, visits: Number(state['visits'] ?? 0) + 1 },
    effects: [{ method: 'sendMessage', params: { chat_id: chat, text: 'done' }, chat: String(chat), lane: 'reply' }],
    timers: [], events: [], outcome: { kind: 'handled' },
  };
}
