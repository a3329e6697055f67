import { request } from 'node:http';
import type { SupervisorStatus } from './status.ts';

/** Talks to the supervisor of one environment. */
export class ControlClient {
  private readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  /** Undefined when no supervisor runs. */
  async status(): Promise<SupervisorStatus | undefined> {
    try {
      return (await this.call('GET', '/status')) as SupervisorStatus;
    } catch (error) {
      if (isNobodyThere(error)) return undefined;
      throw error;
    }
  }

  /** Resolves when the child is ready (start, restart) or has ended (stop). */
  async control(name: string, action: 'start' | 'stop' | 'restart', env: Record<string, string> = {}): Promise<void> {
    await this.call('POST', `/children/${encodeURIComponent(name)}/${action}`, env);
  }

  /** Restarts children whose code was built anew; returns their names. */
  async refresh(): Promise<string[]> {
    return ((await this.call('POST', '/refresh')) as { restarted: string[] }).restarted;
  }

  /** Resolves when all children have ended. */
  async shutdown(): Promise<void> {
    await this.call('POST', '/shutdown');
  }

  private call(method: string, path: string, body: Record<string, string> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: this.socket, method, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => {
          const body = JSON.parse(text) as { error?: string };
          if (response.statusCode === 200) resolve(body);
          else reject(new Error(body.error ?? `the supervisor answered ${response.statusCode}`));
        });
      });
      outgoing.once('error', reject);
      outgoing.end(method === 'POST' ? JSON.stringify(body) : undefined);
    });
  }
}

/** True for errors that mean that no supervisor listens (or that it has just ended). */
export function isNobodyThere(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code);
}
