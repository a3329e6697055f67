import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { spawnBound } from '@botplane/testing';
import { LOAD_CPU, onProcessor } from '../framework/processors.ts';
import type { LoadAnswer, LoadOrder } from './http-load.ts';

/** The load generator in a process of its own. `isPinned`: where possible on a processor of its own too. */
export class HttpLoad {
  private readonly child: ChildProcess;

  constructor({ isPinned }: { isPinned: boolean }) {
    const launch = { command: process.execPath, args: [fileURLToPath(new URL('http-load.js', import.meta.url))] };
    this.child = spawnBound(isPinned ? onProcessor(LOAD_CPU, launch) : launch, ['ignore', 'inherit', 'inherit', 'ipc']);
  }

  async ask(order: LoadOrder): Promise<LoadAnswer> {
    this.child.send(order);
    const [answer] = (await once(this.child, 'message')) as [LoadAnswer];
    return answer;
  }

  stop(): void {
    this.child.disconnect();
  }
}
