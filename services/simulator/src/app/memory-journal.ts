import { FILE_BYTES_IN_MEMORY_MAX } from '../limits.ts';
import type { Journal } from './ports.ts';
import type { FileBytes } from './stored-files.ts';

/** A journal that keeps nothing over a restart; the bytes of files lie in memory. */
export const memoryJournal = (): Journal => ({ record: () => undefined, files: new MemoryFiles() });

/** Bytes of all bots together within one bound; the oldest go first. */
class MemoryFiles implements FileBytes {
  private readonly files = new Map<string, Uint8Array>();
  private size = 0;

  write(botId: number, fileId: string, bytes: Uint8Array): void {
    this.remove(botId, fileId);
    this.files.set(`${botId}/${fileId}`, bytes);
    this.size += bytes.length;
    for (const [key, oldest] of this.files) {
      if (this.size <= FILE_BYTES_IN_MEMORY_MAX) return;
      this.files.delete(key);
      this.size -= oldest.length;
    }
  }

  read(botId: number, fileId: string): Uint8Array | null {
    return this.files.get(`${botId}/${fileId}`) ?? null;
  }

  remove(botId: number, fileId: string): void {
    const key = `${botId}/${fileId}`;
    this.size -= this.files.get(key)?.length ?? 0;
    this.files.delete(key);
  }
}
