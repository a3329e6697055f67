import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BulkOrder, BulkSeen } from './bulk-watch.ts';
import type { Drive, Driven, LoadAnswer, LoadOrder } from './orders.ts';

/** The load as a process of its own, so that what it costs is not ours. */
export class LoadProcess {
  readonly telegramUrl: string;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.telegramUrl = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<LoadProcess> {
    const child = fork(fileURLToPath(new URL(`main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)), { execArgv: [] });
    const { port } = await ask(child, { kind: 'listen' }, 'listening');
    return new LoadProcess(child, port);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async drive(drive: Drive): Promise<Driven> {
    return (await ask(this.child, { kind: 'drive', drive }, 'driven')).driven;
  }

  /** Publishes to a subject and does nothing else; messages per second. */
  async publishRaw(natsUrl: string, subject: string, ms: number, sendingMax: number): Promise<number> {
    return (await ask(this.child, { kind: 'raw', natsUrl, subject, ms, sendingMax }, 'raw')).perSecond;
  }

  /** From now on bulk messages are counted, and some refused. */
  async watchBulk(bulk: BulkOrder): Promise<void> {
    await ask(this.child, { kind: 'watch-bulk', bulk }, 'watching');
  }

  /** Resolves when all bulk messages were taken. */
  async bulkDone(msMax: number): Promise<BulkSeen> {
    return (await ask(this.child, { kind: 'bulk-done', msMax }, 'bulk')).seen;
  }

  stop(): void {
    if (this.child.connected) this.child.disconnect();
  }
}

async function ask<K extends LoadAnswer['kind']>(child: ChildProcess, order: LoadOrder, kind: K): Promise<LoadAnswer & { kind: K }> {
  child.send(order);
  const [answer] = (await once(child, 'message')) as [LoadAnswer];
  if (answer.kind === 'failed') throw new Error(`load: ${answer.message}`);
  if (answer.kind !== kind) throw new Error(`the load process answered ${answer.kind} to ${order.kind}`);
  return answer as LoadAnswer & { kind: K };
}
