import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The API that busy bots call: it tells how often it was asked with the same Idempotency-Key. */
export class CalledApi {
  private readonly server: Server;
  private readonly asked = new Map<string, { method: string; times: number }>();

  private constructor() {
    this.server = createServer(({ method = '', headers }, response) => {
      const key = String(headers['idempotency-key']);
      const times = (this.asked.get(key)?.times ?? 0) + 1;
      this.asked.set(key, { method, times });
      response.end(JSON.stringify({ times }));
    });
  }

  static async start(): Promise<CalledApi> {
    const api = new CalledApi();
    await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Calls whose result is kept, and how many of them were made more than once. */
  keptCalls(): { calls: number; repeated: number } {
    const kept = [...this.asked.values()].filter(({ method }) => method === 'POST');
    return { calls: kept.length, repeated: kept.filter(({ times }) => times > 1).length };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
