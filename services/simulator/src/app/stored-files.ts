import { FILES_PER_BOT_MAX, FILE_BYTES_KEPT_MAX } from '../limits.ts';

/** Content behind a file_id: bytes that were uploaded, or the address Telegram would have fetched. */
export type StoredFile = { mimeType: string; name: string } & ({ bytes: Uint8Array } | { url: string });

/** What is known about a file beside its bytes. */
export interface KeptFile {
  name: string;
  mimeType: string;
  /** The bytes are there as well unless this is set. */
  url?: string;
}

/** Where the bytes of files lie. */
export interface FileBytes {
  write(botId: number, fileId: string, bytes: Uint8Array): void;
  /** Null when they are gone. */
  read(botId: number, fileId: string): Uint8Array | null;
  remove(botId: number, fileId: string): void;
}

/** The bot whose files they are, and the shelf where it keeps what is known about them. */
export interface FileOwner {
  readonly bot: { readonly id: number };
  shelf(name: 'file'): ReadonlyMap<string, KeptFile>;
  kept(name: 'file', fileId: string): KeptFile | undefined;
  keep(name: 'file', fileId: string, file: KeptFile | null): void;
}

/** The newest files of a bot. File_ids of older ones stay valid for sending. */
export class StoredFiles {
  constructor(
    private readonly account: FileOwner,
    private readonly bytes: FileBytes,
  ) {}

  put(fileId: string, file: StoredFile): void {
    const { name, mimeType } = file;
    if ('bytes' in file && file.bytes.length > FILE_BYTES_KEPT_MAX) return;
    const known = this.account.shelf('file');
    if (known.size >= FILES_PER_BOT_MAX) this.drop(known.keys().next().value as string);
    if ('bytes' in file) this.bytes.write(this.account.bot.id, fileId, file.bytes);
    this.account.keep('file', fileId, { name, mimeType, ...('url' in file && { url: file.url }) });
  }

  get(fileId: string): StoredFile | undefined {
    const kept = this.account.kept('file', fileId);
    if (!kept) return undefined;
    const { name, mimeType, url } = kept;
    if (url !== undefined) return { name, mimeType, url };
    const bytes = this.bytes.read(this.account.bot.id, fileId);
    return bytes ? { name, mimeType, bytes } : undefined;
  }

  /** Before a reset, while it is still known which files there are. */
  clear(): void {
    for (const fileId of this.account.shelf('file').keys()) this.bytes.remove(this.account.bot.id, fileId);
  }

  private drop(fileId: string): void {
    this.bytes.remove(this.account.bot.id, fileId);
    this.account.keep('file', fileId, null);
  }
}
