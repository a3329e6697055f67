import { ArtefactStore } from '@botplane/kit/artefacts';
import type { S3Config } from '@botplane/kit/plain';

/** The artefact store of a process that writes only while it leads. */
export class FencedArtefactStore extends ArtefactStore {
  private readonly beforeWrite: () => void;

  constructor(config: S3Config, beforeWrite: () => void) {
    super(config);
    this.beforeWrite = beforeWrite;
  }

  override async put(key: string, content: Uint8Array, contentType: string): Promise<'created' | 'exists'> {
    this.beforeWrite();
    return super.put(key, content, contentType);
  }

  override async remove(key: string): Promise<void> {
    this.beforeWrite();
    return super.remove(key);
  }
}
