import type { JetStreamClient, JetStreamManager, JetStreamPublishOptions } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { endOfTurn } from './end-of-turn.ts';
import { ConflictError, UnavailableError, toNatsError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** A value with the revision that the next compare-and-set must name. */
export interface Versioned<T> {
  value: T;
  revision: number;
}

export interface WriteOptions {
  /** The key disappears after this, in ms (rounded up to seconds); only in buckets that allow it (`chat-state`). Default: never. */
  ttlMs?: number;
  /** Default 5 s. */
  timeoutMs?: number;
}

/** Header that marks a deleted key. */
export const OPERATION_HEADER = 'KV-Operation';

/**
 * One KV bucket of JSON values. Keys hold letters, digits and `-/_=.`.
 * Every method throws UnavailableError when the broker does not answer, StreamFullError when it takes no more, TooLargeError for a
 * value above the server's message size.
 */
export class TypedBucket<T> {
  readonly stream: string;
  private readonly js: JetStreamClient;

  constructor(
    readonly jsm: JetStreamManager,
    readonly bucket: string,
    /** Called right before each write; what it throws is thrown to the caller instead. For a leader's fence. */
    private readonly beforeWrite: () => void = () => undefined,
  ) {
    this.stream = `KV_${bucket}`;
    this.js = jsm.jetstream();
  }

  /** Undefined when the key is absent or deleted. Throws SyntaxError when it holds no JSON. */
  async get(key: string): Promise<Versioned<T> | undefined> {
    const message = await this.last(key);
    if (message === undefined || message.deleted) return undefined;
    return { value: JSON.parse(message.text) as T, revision: message.revision };
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
    return this.write(key, JSON.stringify(value), options ?? {});
  }

  /** Deletes a key; with `revision`, only if it is still at that one. */
  async delete(key: string, revision?: number): Promise<'deleted' | 'conflict'> {
    const marker = headers();
    marker.set(OPERATION_HEADER, 'DEL');
    try {
      await this.send(key, '', { headers: marker, ...(revision === undefined ? {} : { expect: { lastSubjectSequence: revision } }) });
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
      return await this.write(key, json, { ...options, expect: { lastSubjectSequence: revision } });
    } catch (error) {
      if (error instanceof ConflictError) return 'conflict';
      throw error;
    }
  }

  private async write(key: string, json: string, options: WriteOptions & Pick<Partial<JetStreamPublishOptions>, 'expect'>): Promise<number> {
    const seconds = options.ttlMs === undefined ? undefined : Math.max(1, Math.ceil(options.ttlMs / 1_000));
    return this.send(key, json, {
      ...(options.expect === undefined ? {} : { expect: options.expect }),
      ...(seconds === undefined ? {} : { ttl: `${seconds}s` }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
  }

  private async send(key: string, data: string, options: Partial<JetStreamPublishOptions>): Promise<number> {
    const subject = this.subject(key);
    await endOfTurn();
    this.beforeWrite();
    try {
      const ack = await this.js.publish(subject, data, { timeout: LIMITS.requestTimeoutMs, ...options });
      return ack.seq;
    } catch (error) {
      if (error instanceof TypeError) throw error;
      throw toNatsError(error, `KV ${this.bucket}.${key}`);
    }
  }

  private async last(key: string): Promise<{ text: string; revision: number; deleted: boolean } | undefined> {
    const subject = this.subject(key);
    try {
      const message = await this.jsm.direct.getMessage(this.stream, { last_by_subj: subject });
      if (message === null) return undefined;
      return { text: message.string(), revision: message.seq, deleted: (message.header?.get(OPERATION_HEADER) ?? '') !== '' };
    } catch (error) {
      throw new UnavailableError(`KV ${this.bucket}.${key}: ${(error as Error).message}`, { cause: error });
    }
  }
}
