import { FILES_PER_BOT_MAX, FILE_BYTES_KEPT_MAX } from '../limits.ts';

/** Content behind a file_id: bytes that were uploaded, or the address Telegram would have fetched. */
export type StoredFile = { mimeType: string; name: string } & ({ bytes: Uint8Array } | { url: string });

/** The newest files of a bot. They are gone after a restart; their file_ids stay valid for sending. */
export class StoredFiles {
  private readonly files = new Map<string, StoredFile>();

  put(fileId: string, file: StoredFile): void {
    if ('bytes' in file && file.bytes.length > FILE_BYTES_KEPT_MAX) return;
    if (this.files.size >= FILES_PER_BOT_MAX) this.files.delete(this.files.keys().next().value as string);
    this.files.set(fileId, file);
  }

  get(fileId: string): StoredFile | undefined {
    return this.files.get(fileId);
  }

  clear(): void {
    this.files.clear();
  }
}
