import { credentials } from '@grpc/grpc-js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { loadRuntimeService } from '@botplane/contracts/grpc';
import type { RunRequest, RunResponse } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { parseConfig, silentLog, startService } from '@botplane/kit';
import { runtimeSchema, runtimeService } from '@botplane/runtime';

/** A runtime pod with its sandbox hosts, and a client that does what executors do. */
export interface RealRuntime {
  load(botId: string, revHash: string, code: string): Promise<void>;
  run(botId: string, revHash: string): Promise<RunResponse>;
  stop(): Promise<void>;
}

export async function startRealRuntime(ip: string): Promise<RealRuntime> {
  const config = parseConfig(runtimeSchema, { HOST: ip, PORT: '0', GRPC_PORT: '9090', SANDBOX_HOSTS: '1', SANDBOX_CPU_MS: '50' });
  const service = await startService({ ...runtimeService(config), log: silentLog() });
  while ((await fetch(`${service.url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  const client = new (loadRuntimeService())(`${ip}:9090`, credentials.createInsecure());
  const stream: ClientDuplexStream<RunRequest, RunResponse> = client.Run();
  return {
    load: (botId, revHash, code) =>
      new Promise((resolve, reject) => client.Load({ bot_id: botId, rev_hash: revHash, sha256: sha256Hex(code), code: Buffer.from(code) }, (error) => (error ? reject(error) : resolve()))),
    run: (botId, revHash) =>
      new Promise((resolve) => {
        stream.once('data', resolve);
        stream.write({ call_id: 1, bot_id: botId, rev_hash: revHash, input_json: '{}' });
      }),
    stop: async () => {
      stream.end();
      client.close();
      await service.close();
    },
  };
}
