import { setTimeout as sleep } from 'node:timers/promises';
import { isConflict, isInvalid, isNotFound, PODS, type K8sClient, type ObjectRef } from '@botplane/k8s';
import { STATUS_RETRY_MS } from './limits.ts';

/** Writes the latest status of one pod, one write at a time; what came in between is skipped. */
export class StatusWriter {
  private readonly client: K8sClient;
  private readonly ref: ObjectRef;
  private readonly uid: string;
  private wanted: (() => object) | undefined;
  private writing: Promise<void> | undefined;
  private isOver = false;

  constructor(client: K8sClient, ref: ObjectRef, uid: string) {
    this.client = client;
    this.ref = ref;
    this.uid = uid;
  }

  /** `make` is called when the write is due, so it tells the newest state. */
  write(make: () => object): void {
    this.wanted = make;
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
  }

  /** Resolves when nothing waits to be written, or after `timeoutMs`. */
  async flush(timeoutMs?: number): Promise<void> {
    if (timeoutMs === undefined) await this.writing;
    else await Promise.race([this.writing, sleep(timeoutMs, undefined, { ref: false })]);
  }

  /** Gives up what could not be written yet. */
  close(): void {
    this.isOver = true;
  }

  private async writeAll(): Promise<void> {
    while (this.wanted && !this.isOver) {
      const make = this.wanted;
      this.wanted = undefined;
      try {
        // The uid makes the API server refuse a write meant for an earlier pod of the same name.
        const body = { metadata: { uid: this.uid }, status: make() };
        await this.client.patch(PODS, this.ref, { type: 'strategic', body }, { subresource: 'status' });
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return; // The pod is gone.
        console.warn(`status of pod ${this.ref.namespace}/${this.ref.name}: ${String(error)}`);
        if (isInvalid(error)) return;
        this.wanted ??= make;
        await sleep(STATUS_RETRY_MS);
      }
    }
  }
}
