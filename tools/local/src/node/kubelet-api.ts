import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { generateServerCertificate } from '@botplane/testing';
import type { ContainerLog } from './container-log.ts';
import { parseLogQuery, selectLines, showLine, type LogQuery } from './log-query.ts';

export interface KubeletApiOptions {
  readonly address: string;
  readonly port: number;
  readonly caCertFile: string;
  readonly caKeyFile: string;
  readonly logOf: (namespace: string, pod: string, container: string) => ContainerLog | undefined;
}

/** What kubectl asks of a kubelet through kube-apiserver, which must show its client certificate: logs only. */
export async function serveKubeletApi(options: KubeletApiOptions): Promise<Server> {
  const authority = { cert: readFileSync(options.caCertFile, 'utf8'), key: readFileSync(options.caKeyFile, 'utf8') };
  const own = await generateServerCertificate('local-node', authority, ['localhost'], [options.address]);
  const tls = { cert: own.cert, key: own.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, (request, response) => answer(options, request, response));
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`the pod network of ${options.address} is taken: ${error.message}`)));
    server.listen({ port: options.port, host: options.address, exclusive: true }, () => resolve(server));
  });
}

function answer(options: KubeletApiOptions, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://node');
  const [verb, namespace = '', pod = '', container = ''] = url.pathname.split('/').slice(1).map(decodeURIComponent);
  if (verb === 'healthz') return void response.end('ok');
  if (verb !== 'containerLogs') {
    return void response.writeHead(501).end('the local node runs pods as processes: only logs are available\n');
  }
  const log = options.logOf(namespace, pod, container);
  if (!log) return void response.writeHead(404).end(`no container ${container} of pod ${namespace}/${pod} here\n`);
  sendLog(log, parseLogQuery(url.searchParams, Date.now()), response);
}

function sendLog(log: ContainerLog, query: LogQuery, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  let bytesLeft = query.bytesMax;
  const send = (line: string): void => {
    const text = Buffer.from(showLine(line, query)).subarray(0, bytesLeft);
    bytesLeft -= text.length;
    response.write(text);
    if (bytesLeft <= 0) response.end();
  };
  for (const line of selectLines(log.read(query.isPrevious), query)) {
    if (!response.writableEnded) send(line);
  }
  if (!query.isFollowing || query.isPrevious || response.writableEnded) return void response.end();
  log.on('line', send);
  response.once('close', () => log.off('line', send));
}
