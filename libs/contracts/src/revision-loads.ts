import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { engineRange } from './engine-mark.ts';
import type { LoadRequest } from './generated/botplane/runtime/v1/LoadRequest.js';
import type { RuntimeClient } from './generated/botplane/runtime/v1/Runtime.js';

/** A Load with bot.js whole. */
export type WholeLoad = Omit<LoadRequest, 'code' | 'engine_sha256'> & { readonly code: Buffer };

/**
 * Loads revisions on runtime pods. The engine, some 300 KB that all bots of one compiler begin with, goes to a pod once: what is told to a pod that
 * keeps it is the bot's own part. A pod that does not (it restarted, it is of a version before this) gets bot.js whole.
 */
export class RevisionLoads {
  /** Of the bot.js that was loaded last. */
  private last: { readonly engine: Buffer; readonly sha256: string } | undefined;
  /** The engine that a pod said it keeps. */
  private readonly kept = new WeakMap<RuntimeClient, string>();

  /** Makes a revision ready on the pod; each call may take `msMax`. Rejects with a ServiceError. */
  async load(client: RuntimeClient, request: WholeLoad, msMax: number): Promise<void> {
    const range = engineRange(request.code);
    const engine = range && this.hashOf(request.code.subarray(range.start, range.end));
    if (engine !== undefined && this.kept.get(client) === engine) {
      const isLoaded = await this.call(client, { ...request, code: request.code.subarray(range?.end), engine_sha256: engine }, msMax).catch(unlessItWantsAll);
      if (isLoaded) return;
    }
    await this.call(client, request, msMax);
  }

  private call(client: RuntimeClient, request: LoadRequest, msMax: number): Promise<true> {
    return new Promise((resolve, reject) => {
      client.Load(request, { deadline: Date.now() + msMax }, (error, response) => {
        if (error) return reject(error);
        if (response?.engine_sha256) this.kept.set(client, response.engine_sha256);
        resolve(true);
      });
    });
  }

  /** Nearly always that of the last one: comparing costs a tenth of hashing. */
  private hashOf(engine: Buffer): string {
    if (!this.last?.engine.equals(engine)) this.last = { engine: Buffer.from(engine), sha256: createHash('sha256').update(engine).digest('hex') };
    return this.last.sha256;
  }
}

/** The pod has another engine by now; one that does not know of engines takes the part for the whole, and finds its hash wrong. */
function unlessItWantsAll(error: unknown): false {
  const { code } = error as ServiceError;
  if (code !== status.FAILED_PRECONDITION && code !== status.INVALID_ARGUMENT) throw error;
  return false;
}
