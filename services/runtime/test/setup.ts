import { credentials } from '@grpc/grpc-js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { GRPC_MESSAGE_BYTES_MAX, loadRuntimeService } from '@botplane/contracts/grpc';
import type { LoadRequest, LoadResponse, ProbeResponse, RunRequest, RunResponse, RuntimeClient } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { parseConfig, silentLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { runtimeService } from '../src/app.module.ts';
import { runtimeSchema } from '../src/config.ts';
import { inputOf } from './guests.ts';

/** A runtime with real hosts and a client of it. */
export interface TestRuntime {
  readonly service: RunningService;
  readonly client: RuntimeClient;
  readonly address: string;
  load(botId: string, code: string, limits?: LoadRequest['limits']): Promise<LoadResponse & { revHash: string }>;
  probe(botId: string, revHash: string, text: string): Promise<ProbeResponse>;
  /** Asks on one shared stream. */
  run(botId: string, revHash: string, text: string): Promise<RunResponse>;
  /** Calls in one message. */
  runTogether(botId: string, revHash: string, texts: readonly string[]): Promise<RunResponse[]>;
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export const revHashOf = (code: string): string => sha256Hex(code).slice(0, 40);

/** Starts a runtime on free ports and waits until it is ready. */
export async function startRuntime(env: Record<string, string> = {}): Promise<TestRuntime> {
  const config = parseConfig(runtimeSchema, { HOST: '127.0.0.1', PORT: '0', GRPC_PORT: '0', SANDBOX_HOSTS: '1', ...env });
  const definition = runtimeService(config);
  const service = await startService({ ...definition, log: silentLog() });
  const address = `127.0.0.1:${definition.transport.port}`;
  const client = new (loadRuntimeService())(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX });
  const asker = new Asker(client.Run());
  while ((await fetch(`${service.url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    service,
    client,
    address,
    load: (botId, code, limits) => load(client, { bot_id: botId, rev_hash: revHashOf(code), sha256: sha256Hex(code), code: Buffer.from(code), ...(limits ? { limits } : {}) }),
    probe: (botId, revHash, text) => new Promise((resolve, reject) => client.Probe({ bot_id: botId, rev_hash: revHash, input_json: inputOf(text) }, (error, reply) => (error ? reject(error) : resolve(reply as ProbeResponse)))),
    run: (botId, revHash, text) => asker.ask({ bot_id: botId, rev_hash: revHash, input_json: inputOf(text) }),
    runTogether: (botId, revHash, texts) => asker.askTogether(texts.map((text) => ({ bot_id: botId, rev_hash: revHash, input_json: inputOf(text) }))),
    metric: async (name) => metricOf(await (await fetch(`${service.url}/metrics`)).text(), name),
    stop: async () => {
      asker.end();
      client.close();
      await service.close();
    },
  };
}

function load(client: RuntimeClient, request: LoadRequest): Promise<LoadResponse & { revHash: string }> {
  return new Promise((resolve, reject) =>
    client.Load(request, (error, reply) => (error ? reject(error) : resolve({ ...(reply as LoadResponse), revHash: request.rev_hash ?? '' }))),
  );
}

/** Sum of a metric's series whose line starts with `name`. */
function metricOf(text: string, name: string): number {
  return text.split('\n').filter((line) => line.startsWith(name)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

class Asker {
  private readonly waiting = new Map<number, (response: RunResponse) => void>();
  private readonly stream: ClientDuplexStream<RunRequest, RunResponse>;
  private next = 1;

  constructor(stream: ClientDuplexStream<RunRequest, RunResponse>) {
    this.stream = stream;
    stream.on('data', (response: RunResponse) => {
      for (const result of [response, ...response.more]) {
        this.waiting.get(result.call_id)?.(result);
        this.waiting.delete(result.call_id);
      }
    });
    // What was still on its way when the runtime ended the stream has no answer: a caller asks another pod.
    const endAll = (): void => {
      for (const [call_id, resolve] of this.waiting) resolve({ call_id, trace: null, failure: { code: 'HOST_LOST', message: 'the stream ended' }, result: 'failure', takes_more: false, more: [] });
      this.waiting.clear();
    };
    stream.on('end', endAll);
    stream.on('error', endAll);
  }

  ask(request: RunRequest): Promise<RunResponse> {
    const [call, response] = this.prepare(request);
    this.stream.write(call);
    return response;
  }

  /** All in one message. */
  askTogether(requests: readonly RunRequest[]): Promise<RunResponse[]> {
    const prepared = requests.map((request) => this.prepare(request));
    const [first, ...more] = prepared.map(([call]) => call);
    this.stream.write({ ...first, more, takes_more: true });
    return Promise.all(prepared.map(([, response]) => response));
  }

  private prepare(request: RunRequest): [RunRequest, Promise<RunResponse>] {
    const call_id = this.next++;
    return [{ ...request, call_id }, new Promise((resolve) => this.waiting.set(call_id, resolve))];
  }

  end(): void {
    this.stream.end();
  }
}
