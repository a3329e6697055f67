import type { OutboundCall } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { fileIdIn, filesOf, problemOf, replaceFiles } from '../domain/files.ts';
import type { FileUse } from '../domain/files.ts';
import type { BotApiRequest, DeliveryLog, FileStore, KeptFileIds, Upload } from './ports.ts';

/** A call as it goes out. */
export interface Prepared {
  readonly request: BotApiRequest;
  /** Files that go up with this request. */
  readonly uploaded: readonly FileUse[];
  /** Files that go by what Telegram called them before. */
  readonly kept: readonly FileUse[];
}

/** Brings files of S3 into calls: by the file_id that Telegram gave them, or as an upload. */
export class Uploads {
  private readonly store: FileStore | undefined;
  private readonly fileIds: KeptFileIds;
  private readonly log: DeliveryLog;

  /** Without a store no call may have files. */
  constructor(store: FileStore | undefined, fileIds: KeptFileIds, log: DeliveryLog) {
    this.store = store;
    this.fileIds = fileIds;
    this.log = log;
  }

  /** Why a call's files can never be sent; undefined: they can. */
  problemOf(call: OutboundCall): string | undefined {
    const uses = filesOf(call.method, call.params);
    if (uses.length > 0 && !this.store) return 'this install has no object store for files';
    return problemOf(call.botId, uses);
  }

  async prepare(call: OutboundCall, params: OutboundCall['params'], token: string): Promise<Prepared> {
    const { method, lane } = call;
    const uses = filesOf(method, params);
    if (uses.length === 0) return { request: { method, lane, params, uploads: [] }, uploaded: [], kept: [] };
    const ids = await Promise.all(uses.map((use) => this.keptId(call.botId, token, use)));
    const uploads: Upload[] = [];
    let at = 0;
    const replaced = replaceFiles(params, ({ file }): Json => {
      const fileId = ids[at++];
      if (fileId !== undefined) return fileId;
      const name = `file${uploads.length}`;
      uploads.push({ name, file, open: () => this.open(file) });
      return `attach://${name}`;
    });
    return { request: { method, lane, params: replaced, uploads }, uploaded: uses.filter((_use, n) => ids[n] === undefined), kept: uses.filter((_use, n) => ids[n] !== undefined) };
  }

  /** After Telegram took a call: the next one with the same files uploads nothing. */
  async keep(botId: string, token: string, { uploaded }: Prepared, result: Json): Promise<void> {
    for (const use of uploaded) {
      const [key, fileId] = [keyOf(token, use), fileIdIn(result, use)];
      if (key !== undefined && fileId !== undefined) await this.try(() => this.fileIds.save(botId, key, fileId));
    }
  }

  /** After Telegram refused a call for its files: what was kept is no good any more. */
  async forget(botId: string, token: string, { kept }: Prepared): Promise<void> {
    for (const use of kept) {
      const key = keyOf(token, use);
      if (key !== undefined) await this.try(() => this.fileIds.remove(botId, key));
    }
  }

  private async keptId(botId: string, token: string, use: FileUse): Promise<string | undefined> {
    const key = keyOf(token, use);
    return key === undefined ? undefined : this.try(() => this.fileIds.load(botId, key));
  }

  /** What is kept only saves an upload. */
  private async try<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (err) {
      this.log.warn({ err }, 'kept file ids do not answer');
      return undefined;
    }
  }

  private open(file: FileUse['file']): AsyncIterable<Uint8Array> {
    if (!this.store) throw new Error('no object store');
    return this.store.stream(file.key, file.bytes);
  }
}

/** A file_id is good for one bot of Telegram and one kind. */
const keyOf = (token: string, { file, kind }: FileUse): string | undefined => (kind === undefined ? undefined : `file=${token.split(':', 1)[0]}=${kind}=${file.sha256}`);
