import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Supervisor } from './supervisor.ts';

const ACTIONS = ['start', 'stop', 'restart'] as const;
type Action = (typeof ACTIONS)[number];

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
  const [, name = '', action = ''] = path;
  if (path[0] === 'children' && isAction(action)) return supervisor[action](decodeURIComponent(name));
  throw new Error(`unknown request ${request.method} ${request.url}`);
}

function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
