import { ArtefactStore } from '@botplane/kit';
import type { S3Config } from '@botplane/kit';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { FileStore } from '../../app/ports.ts';

/** Files in the install's bucket. */
export class S3Files implements FileStore, OnApplicationShutdown {
  private readonly store: ArtefactStore;

  constructor(config: S3Config) {
    this.store = new ArtefactStore(config);
  }

  stream(key: string, bytes: number): AsyncIterable<Uint8Array> {
    return this.store.stream(key, bytes);
  }

  onApplicationShutdown(): void {
    this.store.close();
  }
}
