import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { spawnBound } from '@botplane/testing';
import { LOAD_CPU, onProcessor } from '../framework/processors.ts';
import type { LoadAnswer, LoadOrder } from './http-load.ts';

/** The load generator in a process, and where possible on a processor, of its own. */
export class HttpLoad {
  private readonly child = spawnBound(
    onProcessor(LOAD_CPU, { command: process.execPath, args: [fileURLToPath(new URL('http-load.js', import.meta.url))] }),
    ['ignore', 'inherit', 'inherit', 'ipc'],
  );

  async ask(order: LoadOrder): Promise<LoadAnswer> {
    this.child.send(order);
    const [answer] = (await once(this.child, 'message')) as [LoadAnswer];
    return answer;
  }

  stop(): void {
    this.child.disconnect();
  }
}
