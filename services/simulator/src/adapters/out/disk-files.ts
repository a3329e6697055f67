import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileBytes } from '../../app/stored-files.ts';

/** Bytes of files in the state folder, a folder per bot and a file for each: they take no memory and survive a restart. */
export class DiskFiles implements FileBytes {
  constructor(private readonly folder: string) {}

  write(botId: number, fileId: string, bytes: Uint8Array): void {
    mkdirSync(join(this.folder, String(botId)), { recursive: true });
    writeFileSync(this.pathOf(botId, fileId), bytes);
  }

  read(botId: number, fileId: string): Uint8Array | null {
    try {
      return readFileSync(this.pathOf(botId, fileId));
    } catch {
      return null;
    }
  }

  remove(botId: number, fileId: string): void {
    rmSync(this.pathOf(botId, fileId), { force: true });
  }

  /** A file_id may be anything that a test wrote: as a file name it is its characters in hexadecimal where they are not plain. */
  private pathOf(botId: number, fileId: string): string {
    return join(this.folder, String(botId), fileId.replaceAll(/[^\w-]/g, (character) => `%${character.codePointAt(0)?.toString(16) ?? ''}`));
  }
}
