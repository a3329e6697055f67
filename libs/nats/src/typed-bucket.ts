import type { JetStreamManager } from '@nats-io/jetstream';
import { ConflictError, UnavailableError, toNatsError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { HeldBack, StreamWriter } from './stream-writer.ts';
import type { HeaderLines } from './stream-writer.ts';

/** A value with the revision that the next compare-and-set must name. */
export interface Versioned<T> {
  value: T;
  revision: number;
}

interface LastMessage {
  text: string;
  revision: number;
  deleted: boolean;
}

export interface WriteOptions {
  /** The key disappears after this, in ms (rounded up to seconds); only in buckets that allow it (`chat-state`). Default: never. */
  ttlMs?: number;
  /** Default 5 s. */
  timeoutMs?: number;
}

/** Header that marks a deleted key. */
export const OPERATION_HEADER = 'KV-Operation';
/** The revision that a key must be at. */
const EXPECTED_HEADER = 'Nats-Expected-Last-Subject-Sequence';
const TTL_HEADER = 'Nats-TTL';

/**
 * One KV bucket of JSON values. Keys hold letters, digits and `-/_=.`.
 * Every method throws UnavailableError when the broker does not answer, StreamFullError when it takes no more, TooLargeError for a
 * value above the server's message size.
 */
export class TypedBucket<T> {
  readonly stream: string;
  private readonly writer: StreamWriter;

  constructor(
    readonly jsm: JetStreamManager,
    readonly bucket: string,
    /** Called right before each write; what it throws is thrown to the caller instead. For a leader's fence. */
    private readonly beforeWrite?: () => void,
  ) {
    this.stream = `KV_${bucket}`;
    this.writer = StreamWriter.of(jsm);
  }

  /** Undefined when the key is absent or deleted. Throws SyntaxError when it holds no JSON. */
  async get(key: string): Promise<Versioned<T> | undefined> {
    return this.read(await this.last(key));
  }

  /**
   * `get` as the stream's leader knows it, which costs more. Any replica may answer `get`, and one that lags behind tells of the past:
   * enough where a compare-and-set follows before anything else happens.
   */
  async getNewest(key: string): Promise<Versioned<T> | undefined> {
    return this.read(await this.last(key, this.jsm.streams));
  }

  /** Writes a key that must not exist; returns its revision. */
  async create(key: string, value: T, options?: WriteOptions): Promise<number | 'conflict'> {
    return this.updateJson(key, JSON.stringify(value), 0, options);
  }

  /** Writes a key whose revision must be `revision` (0: absent); returns the new one. */
  async update(key: string, value: T, revision: number, options?: WriteOptions): Promise<number | 'conflict'> {
    return this.writeAbove(key, JSON.stringify(value), revision, options);
  }

  /** `update`, or `create` when `revision` is 0, with a value that is JSON already. */
  async updateJson(key: string, json: string, revision: number, options?: WriteOptions): Promise<number | 'conflict'> {
    const first = await this.writeAbove(key, json, revision, options);
    if (revision !== 0 || first !== 'conflict') return first;
    const message = await this.last(key);
    return message?.deleted === true ? this.writeAbove(key, json, message.revision, options) : 'conflict';
  }

  /** Writes whatever is there; returns the new revision. */
  async put(key: string, value: T, options?: WriteOptions): Promise<number> {
    return this.send(key, JSON.stringify(value), lifetime(options), options?.timeoutMs);
  }

  /** Deletes a key; with `revision`, only if it is still at that one. */
  async delete(key: string, revision?: number): Promise<'deleted' | 'conflict'> {
    try {
      await this.send(key, '', { [OPERATION_HEADER]: ['DEL'], ...(revision === undefined ? {} : { [EXPECTED_HEADER]: [String(revision)] }) });
      return 'deleted';
    } catch (error) {
      if (error instanceof ConflictError) return 'conflict';
      throw error;
    }
  }

  /** Subject of a key. */
  subject(key: string): string {
    if (!/^[-/_=.a-zA-Z0-9]+$/.test(key) || key.startsWith('.') || key.endsWith('.') || key.includes('..')) throw new TypeError(`'${key}' is no KV key`);
    return `$KV.${this.bucket}.${key}`;
  }

  private async writeAbove(key: string, json: string, revision: number, options?: WriteOptions): Promise<number | 'conflict'> {
    try {
      return await this.send(key, json, { [EXPECTED_HEADER]: [String(revision)], ...lifetime(options) }, options?.timeoutMs);
    } catch (error) {
      if (error instanceof ConflictError) return 'conflict';
      throw error;
    }
  }

  private async send(key: string, data: string, headers: HeaderLines, timeoutMs: number = LIMITS.requestTimeoutMs): Promise<number> {
    const subject = this.subject(key);
    try {
      return (await this.writer.write(subject, data, { headers, timeoutMs, before: this.beforeWrite })).seq;
    } catch (error) {
      if (error instanceof HeldBack) throw error.cause;
      throw toNatsError(error, `KV ${this.bucket}.${key}`);
    }
  }

  private read(message: LastMessage | undefined): Versioned<T> | undefined {
    if (message === undefined || message.deleted) return undefined;
    return { value: JSON.parse(message.text) as T, revision: message.revision };
  }

  private async last(key: string, from: Pick<JetStreamManager['streams'], 'getMessage'> = this.jsm.direct): Promise<LastMessage | undefined> {
    const subject = this.subject(key);
    try {
      const message = await from.getMessage(this.stream, { last_by_subj: subject });
      if (message === null) return undefined;
      return { text: message.string(), revision: message.seq, deleted: (message.header?.get(OPERATION_HEADER) ?? '') !== '' };
    } catch (error) {
      throw new UnavailableError(`KV ${this.bucket}.${key}: ${(error as Error).message}`, { cause: error });
    }
  }
}

const lifetime = (options: WriteOptions | undefined): HeaderLines => (options?.ttlMs === undefined ? {} : { [TTL_HEADER]: [`${Math.max(1, Math.ceil(options.ttlMs / 1_000))}s`] });
