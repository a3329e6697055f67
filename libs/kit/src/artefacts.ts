import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { sha256Hex } from '@botplane/domain';
import { Client, S3Error } from 'minio';
import { AppError, ErrorCode } from './app-error.ts';
import type { S3Config } from './config.ts';
import { S3_BYTES_PER_MS_MIN, S3_CONNECTIONS_MAX, S3_OBJECT_BYTES_MAX, S3_REQUEST_MS_MAX } from './limits.ts';

/** Immutable files by key in S3. Also to be had without the rest of the kit: `@botplane/kit/artefacts`. */
export class ArtefactStore {
  private readonly client: Client;
  private readonly bucket: string;
  private readonly agent: HttpAgent | HttpsAgent;

  constructor(config: S3Config) {
    const url = new URL(config.S3_ENDPOINT);
    const secure = url.protocol === 'https:';
    this.agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: S3_CONNECTIONS_MAX });
    this.bucket = config.S3_BUCKET;
    this.client = new Client({
      endPoint: url.hostname,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      useSSL: secure,
      accessKey: config.S3_ACCESS_KEY,
      secretKey: config.S3_SECRET_KEY,
      region: config.S3_REGION, // Given, so that no request is spent on asking for it.
      pathStyle: true,
      transportAgent: this.agent,
    });
  }

  /**
   * Writes a file once. `exists`: the same content is there already.
   * Throws `artefact.conflict` when the key holds other content, `store.unavailable` when S3 does not answer.
   */
  async put(key: string, content: Uint8Array, contentType: string): Promise<'created' | 'exists'> {
    try {
      await bounded(this.client.putObject(this.bucket, key, Buffer.from(content.buffer, content.byteOffset, content.byteLength), content.length, { 'Content-Type': contentType, 'If-None-Match': '*' }), S3_REQUEST_MS_MAX + content.length / S3_BYTES_PER_MS_MIN);
      return 'created';
    } catch (error) {
      // 409 is another writer's put of the same key that is not finished yet.
      if (!hasCode(error, 'PreconditionFailed', 'ConditionalRequestConflict')) throw unavailable(error, key);
    }
    const present = await this.get(key, undefined, Math.max(S3_OBJECT_BYTES_MAX, content.length));
    if (sha256Hex(present) === sha256Hex(content)) return 'exists';
    throw new AppError(ErrorCode.ArtefactConflict, 'artefact exists with other content', { key });
  }

  /** Reads a file. Throws `artefact.missing`, `artefact.corrupt` (not the expected SHA-256, or larger than `bytesMax`), `store.unavailable`. */
  async get(key: string, expectedSha256?: string, bytesMax = S3_OBJECT_BYTES_MAX): Promise<Buffer<ArrayBuffer>> {
    const content = await this.read(key, bytesMax).catch((error: unknown) => {
      if (hasCode(error, 'NoSuchKey', 'NotFound')) throw new AppError(ErrorCode.ArtefactMissing, 'artefact is missing', { key }, { cause: error });
      throw unavailable(error, key);
    });
    if (expectedSha256 !== undefined && sha256Hex(content) !== expectedSha256) throw new AppError(ErrorCode.ArtefactCorrupt, 'artefact has another hash', { key, expectedSha256 });
    return content;
  }

  /**
   * Reads a file piece by piece, for what is too large to hold. Throws `artefact.missing`, `artefact.corrupt` (another size than expected),
   * `store.unavailable`; an error while it is read is one of these too. A server that falls silent in the middle is the caller's to give up.
   */
  async *stream(key: string, expectedBytes: number): AsyncGenerator<Uint8Array> {
    const content = await bounded(this.client.getObject(this.bucket, key)).catch((error: unknown) => {
      if (hasCode(error, 'NoSuchKey', 'NotFound')) throw new AppError(ErrorCode.ArtefactMissing, 'artefact is missing', { key }, { cause: error });
      throw unavailable(error, key);
    });
    let bytes = 0;
    try {
      for await (const chunk of content as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > expectedBytes) break;
        yield chunk;
      }
    } catch (error) {
      throw unavailable(error, key);
    }
    if (bytes !== expectedBytes) throw new AppError(ErrorCode.ArtefactCorrupt, 'artefact has another size', { key, expectedBytes });
  }

  /** All files whose key begins so. Throws `store.unavailable`, also in the middle. */
  async *list(prefix: string): AsyncGenerator<{ key: string; modifiedMs: number }> {
    const found = this.client.listObjectsV2(this.bucket, prefix, true);
    const entries = found[Symbol.asyncIterator]() as AsyncIterator<{ name?: string; lastModified?: Date }>;
    try {
      for (;;) {
        const { done, value } = await bounded(entries.next());
        if (done === true) return;
        if (value.name !== undefined) yield { key: value.name, modifiedMs: value.lastModified?.getTime() ?? Date.now() };
      }
    } catch (error) {
      throw unavailable(error, prefix);
    } finally {
      found.destroy();
    }
  }

  /** Removes a file; one that is not there is no error. */
  async remove(key: string): Promise<void> {
    await bounded(this.client.removeObject(this.bucket, key)).catch((error: unknown) => {
      throw unavailable(error, key);
    });
  }

  /** For readiness: true when the bucket is there. */
  async check(): Promise<boolean> {
    return bounded(this.client.bucketExists(this.bucket));
  }

  /** Closes kept connections. */
  close(): void {
    this.agent.destroy();
  }

  private async read(key: string, bytesMax: number): Promise<Buffer<ArrayBuffer>> {
    const stream = await bounded(this.client.getObject(this.bucket, key));
    const pieces = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      // Bounded piece by piece: a large file over a slow line takes its time, a silent server does not get it.
      for (let piece = await bounded(pieces.next()); piece.done !== true; piece = await bounded(pieces.next())) {
        bytes += piece.value.length;
        if (bytes > bytesMax) throw new AppError(ErrorCode.ArtefactCorrupt, 'artefact is too large', { key });
        chunks.push(piece.value);
      }
    } finally {
      stream.destroy();
    }
    return Buffer.concat(chunks);
  }
}

const hasCode = (error: unknown, ...codes: string[]): boolean => error instanceof S3Error && codes.includes(String(error.code));

const unavailable = (error: unknown, key: string): AppError =>
  error instanceof AppError ? error : new AppError(ErrorCode.StoreUnavailable, 'object store failed', { key }, { cause: error });

/** minio waits for ever on a silent server; we do not. */
async function bounded<T>(work: Promise<T>, msMax: number = S3_REQUEST_MS_MAX): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AppError(ErrorCode.StoreUnavailable, 'object store does not answer', { msMax })), msMax);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
