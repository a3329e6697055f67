import { ArtefactStore } from '@botplane/kit';
import { loadPushConfig } from '../config.ts';

/** Puts an object into a bucket, once. */
export async function push(bucket: string, key: string, content: Uint8Array): Promise<'created' | 'exists'> {
  const store = new ArtefactStore(loadPushConfig(bucket));
  try {
    return await store.put(key, content, 'application/x-tar');
  } finally {
    store.close();
  }
}
