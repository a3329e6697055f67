import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { OTHER_CODE, engineRange } from './engine-mark.ts';
import type { LoadRequest } from './generated/botplane/runtime/v1/LoadRequest.js';
import type { RuntimeClient } from './generated/botplane/runtime/v1/Runtime.js';

/** A compiler changes with a version of the operator: a few are in use at a time. */
const ENGINES_MAX = 4;

/** A Load with bot.js whole. */
export type WholeLoad = Omit<LoadRequest, 'code' | 'engine_sha256'> & { readonly code: Buffer };

/**
 * Loads revisions on runtime pods. The engine, some 300 KB that all bots of one compiler begin with, goes to a pod once: what is told to a pod that
 * keeps it is the bot's own part. A pod that does not (it restarted, it is of a version before this) gets bot.js whole.
 */
export class RevisionLoads {
  /** Those of the last loads; the one that was used last is at the end. */
  private readonly engines: { readonly bytes: Buffer; readonly sha256: string }[] = [];
  /** The engines that a pod said it keeps. */
  private readonly kept = new WeakMap<RuntimeClient, Set<string>>();

  /** Makes a revision ready on the pod; each call may take `msMax`. Rejects with a ServiceError. */
  async load(client: RuntimeClient, request: WholeLoad, msMax: number): Promise<void> {
    const range = engineRange(request.code);
    const engine = range && this.hashOf(request.code.subarray(range.start, range.end));
    if (engine !== undefined && this.kept.get(client)?.has(engine)) {
      const isLoaded = await this.call(client, { ...request, code: request.code.subarray(range?.end), engine_sha256: engine }, msMax).catch(unlessItWantsAll);
      if (isLoaded) return;
      this.kept.get(client)?.delete(engine);
    }
    await this.call(client, request, msMax);
  }

  private call(client: RuntimeClient, request: LoadRequest, msMax: number): Promise<true> {
    return new Promise((resolve, reject) => {
      client.Load(request, { deadline: Date.now() + msMax }, (error, response) => {
        if (error) return reject(error);
        if (response?.engine_sha256) this.kept.set(client, (this.kept.get(client) ?? new Set()).add(response.engine_sha256));
        resolve(true);
      });
    });
  }

  /** Nearly always known: comparing costs a tenth of hashing. */
  private hashOf(engine: Buffer): string {
    const at = this.engines.findLastIndex(({ bytes }) => bytes.equals(engine));
    const used = this.engines.splice(at, at < 0 ? 0 : 1)[0] ?? { bytes: Buffer.from(engine), sha256: createHash('sha256').update(engine).digest('hex') };
    if (this.engines.push(used) > ENGINES_MAX) this.engines.shift();
    return used.sha256;
  }
}

/** The pod has other engines by now; one that does not know of engines takes the part for the whole, and finds its hash wrong. */
function unlessItWantsAll(error: unknown): false {
  const { code, details } = error as ServiceError;
  if (code !== status.FAILED_PRECONDITION && !(code === status.INVALID_ARGUMENT && details === OTHER_CODE)) throw error;
  return false;
}
