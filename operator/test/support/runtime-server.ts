import { createContext, runInContext } from 'node:vm';
import type { Context } from 'node:vm';
import { GRPC_MESSAGE_BYTES_MAX, loadRuntimeService } from '@botplane/contracts/grpc';
import { sha256Hex } from '@botplane/domain';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';

interface Load { bot_id: string; rev_hash: string; sha256: string; code: Buffer }
interface Probe { rev_hash: string; input_json: string }

/** A runtime pod's gRPC API in this process: it really evaluates bot.js, though in a plain context instead of a sandbox. */
export class RuntimeServer {
  readonly loaded: string[] = [];
  readonly probed: string[] = [];
  /** Set: every Load is answered with this status. */
  refuse: status | undefined;
  private readonly contexts = new Map<string, Context>();
  private readonly server = new Server({ 'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX });

  async start(address: string): Promise<void> {
    this.server.addService(loadRuntimeService().service, {
      Load: (call: ServerUnaryCall<Load, unknown>, answer: sendUnaryData<unknown>) => this.load(call.request, answer),
      Probe: (call: ServerUnaryCall<Probe, unknown>, answer: sendUnaryData<unknown>) => this.probe(call.request, answer),
    });
    await new Promise<void>((resolve, reject) => this.server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())));
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private load({ rev_hash, sha256, code }: Load, answer: sendUnaryData<unknown>): void {
    if (this.refuse !== undefined) return answer({ code: this.refuse, details: 'refused by the test' });
    if (sha256Hex(code) !== sha256) return answer({ code: status.INVALID_ARGUMENT, details: 'sha256 does not match' });
    try {
      const context = createContext({});
      runInContext(code.toString('utf8'), context);
      this.contexts.set(rev_hash, context);
      this.loaded.push(rev_hash);
      answer(null, { already_loaded: false, load_ms: 1 });
    } catch (error) {
      answer({ code: status.INVALID_ARGUMENT, details: (error as Error).message });
    }
  }

  private probe({ rev_hash, input_json }: Probe, answer: sendUnaryData<unknown>): void {
    const context = this.contexts.get(rev_hash);
    if (!context) return answer({ code: status.NOT_FOUND, details: 'not loaded' });
    this.probed.push(rev_hash);
    try {
      context['input'] = input_json;
      answer(null, { output_json: runInContext('globalThis.botplane.run(input)', context) as string, cpu_ms: 1 });
    } catch (error) {
      answer(null, { failure: { code: 'GUEST_ERROR', message: (error as Error).message }, cpu_ms: 1 });
    }
  }
}
