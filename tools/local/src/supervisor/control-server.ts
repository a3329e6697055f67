import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Supervisor } from './supervisor.ts';

/** The supervisor's HTTP API on a Unix socket that only its owner can open. */
export function listenForControl(supervisor: Supervisor, socket: string, shutdown: () => Promise<void>): Promise<Server> {
  const server = createServer((request, response) => {
    answer(supervisor, request, shutdown).then(
      (body) => send(response, 200, body ?? {}),
      (error: unknown) => send(response, 500, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  rmSync(socket, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => {
      chmodSync(socket, 0o600);
      resolve(server);
    });
  });
}

async function answer(supervisor: Supervisor, request: IncomingMessage, shutdown: () => Promise<void>): Promise<unknown> {
  const path = (request.url ?? '/').split('/').slice(1);
  if (request.method === 'GET' && path[0] === 'status') return supervisor.status();
  if (request.method !== 'POST') throw new Error(`unknown request ${request.method} ${request.url}`);
  if (path[0] === 'refresh') return { restarted: await supervisor.refresh() };
  if (path[0] === 'shutdown') return shutdown();
  const [kind, name = '', action] = path.map(decodeURIComponent);
  if (kind === 'children' && action === 'start') return supervisor.start(name);
  if (kind === 'children' && action === 'stop') return supervisor.stop(name);
  if (kind === 'children' && action === 'restart') return supervisor.restart(name, (await json(request)) as Record<string, string>);
  throw new Error(`unknown request ${request.method} ${request.url}`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
