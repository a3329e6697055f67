import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { TestControlPlane } from './start-control-plane.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';

/** An answer given instead of the API server's. */
export interface CannedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

interface PlannedFault {
  matches: (request: IncomingMessage) => boolean;
  /** `drop`: cut before the API server hears of it. `lose`: done there, but the answer is lost. `hang`: no answer ever. */
  answer: CannedAnswer | 'drop' | 'lose' | 'hang';
  times: number;
}

/** A plain HTTP server in front of kube-apiserver that misbehaves on request. */
export interface FaultProxy {
  kubeconfig: string;
  url: string;
  /** Connections accepted so far. */
  connections(): number;
  requests(): string[];
  openWatches(): number;
  /** Answers the next matching requests itself. */
  fail(matches: PlannedFault['matches'], answer: PlannedFault['answer'], times?: number): void;
  /** Ends what is left of the faults that `fail` planned. */
  heal(): void;
  /** Cuts every connection. */
  drop(): void;
  /** Refuses to answer anything until the returned function is called. */
  outage(): () => void;
  /** Open watches fall silent but stay open. */
  stall(): void;
  /** The next line of each open watch is sent in half, then the connection is cut. */
  cutNextLine(): void;
  /** Sends a line of our own to every open watch. */
  inject(line: string): void;
  /** Cuts every connection and refuses the token of `kubeconfig` from now on; the returned function puts the next one into its token file. */
  expireToken(): () => void;
  stop(): Promise<void>;
}

export const isWatch = (request: IncomingMessage): boolean => request.url!.includes('watch=true');
export const isList = (request: IncomingMessage): boolean => request.method === 'GET' && !isWatch(request);

class Watch {
  mode: 'forward' | 'stall' | 'cut' = 'forward';
  readonly response: ServerResponse;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  forward(chunk: Buffer): void {
    if (this.mode === 'stall') return;
    if (this.mode === 'forward') return void this.response.write(chunk);
    const half = chunk.subarray(0, Math.floor(chunk.length / 2));
    this.response.write(half, () => this.response.destroy());
  }
}

export async function startFaultProxy(controlPlane: TestControlPlane): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const watches = new Set<Watch>();
  const planned: PlannedFault[] = [];
  const seen: string[] = [];
  let connections = 0;
  let isOut = false;
  const expired = new Set<string>();
  let token = controlPlane.token;
  const upstream = new Agent({ ca: readFileSync(controlPlane.files.caCert), keepAlive: true });

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse, isLost = false): void => {
    const headers = { ...incoming.headers, host: new URL(controlPlane.url).host };
    if (headers.authorization === `Bearer ${token}`) headers.authorization = `Bearer ${controlPlane.token}`;
    const call = httpsRequest(controlPlane.url + incoming.url!, { method: incoming.method!, headers, agent: upstream }, (answer) => {
      if (isLost) {
        answer.resume();
        return void incoming.socket.destroy();
      }
      outgoing.writeHead(answer.statusCode!, answer.headers);
      outgoing.flushHeaders();
      if (!isWatch(incoming)) {
        answer.pipe(outgoing);
        return;
      }
      const watch = new Watch(outgoing);
      watches.add(watch);
      outgoing.on('close', () => {
        watches.delete(watch);
        answer.destroy();
      });
      answer.on('data', (chunk: Buffer) => watch.forward(chunk));
      answer.on('end', () => outgoing.end());
      answer.on('error', () => outgoing.destroy());
    });
    call.on('error', () => outgoing.destroy());
    incoming.pipe(call);
  };

  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (isOut) return void incoming.socket.destroy();
    if (expired.has(incoming.headers.authorization ?? '')) return refuse(outgoing, { status: 401, body: statusBody(401, 'Unauthorized') });
    const fault = planned.find((plan) => plan.times > 0 && plan.matches(incoming));
    if (!fault) return forward(incoming, outgoing);
    fault.times--;
    if (fault.answer === 'drop') return void incoming.socket.destroy();
    if (fault.answer === 'hang') return;
    if (fault.answer === 'lose') return forward(incoming, outgoing, true);
    refuse(outgoing, fault.answer);
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const dropAll = (): void => sockets.forEach((socket) => socket.destroy());
  const folder = makeTempFolder('fault-proxy');
  const kubeconfig = join(folder, 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokenFile = join(folder, 'token');
  const writeToken = (): void => writeFileSync(tokenFile, token);
  writeToken();
  // The client library refuses plain HTTP unless TLS is declared off.
  await writeKubeconfigOf(kubeconfig, { server: url, 'insecure-skip-tls-verify': true }, { tokenFile });

  return {
    kubeconfig,
    url,
    connections: () => connections,
    requests: () => [...seen],
    openWatches: () => watches.size,
    fail: (matches, answer, times = 1) => void planned.push({ matches, answer, times }),
    heal: () => void planned.splice(0),
    drop: dropAll,
    outage: () => {
      isOut = true;
      dropAll();
      return () => void (isOut = false);
    },
    stall: () => watches.forEach((watch) => void (watch.mode = 'stall')),
    cutNextLine: () => watches.forEach((watch) => void (watch.mode = 'cut')),
    inject: (line) => watches.forEach((watch) => watch.response.write(`${line}\n`)),
    expireToken: () => {
      expired.add(`Bearer ${token}`);
      token = `renewed-${expired.size}`;
      dropAll();
      return writeToken;
    },
    stop: async () => {
      dropAll();
      server.close();
      upstream.destroy();
      removeTempFolder(folder);
    },
  };
}

function refuse(outgoing: ServerResponse, { status, headers, body = '' }: CannedAnswer): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(body);
}

/** A kubeconfig with one cluster and one user. */
export async function writeKubeconfigOf(path: string, cluster: object, user: object): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  await writeFile(path, JSON.stringify(config));
}

/** A metav1.Status as the API server would send it. */
export function statusBody(code: number, reason: string): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: `injected ${reason}`, reason, code });
}
