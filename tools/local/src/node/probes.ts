import { connect as connectHttp2 } from 'node:http2';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from './pod-types.ts';

/** The bytes of grpc.health.v1.HealthCheckResponse with status SERVING: field 1, varint 1. */
const SERVING = Buffer.from([0x08, 0x01]);

/** Asks a container once. Anything but a clear yes in time is a no. Exec probes are not possible: always a no. */
export function probeOnce(probe: Probe, container: Container, address: string): Promise<boolean> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1_000;
  if (probe.httpGet) return probeHttp(probe.httpGet, container, address, timeoutMs);
  if (probe.grpc) return probeGrpc(address, probe.grpc.port, probe.grpc.service ?? '', timeoutMs);
  if (probe.tcpSocket) return probeTcp(address, portOf(probe.tcpSocket.port, container), timeoutMs);
  return Promise.resolve(false);
}

/** A port is a number or the name of one of the container's ports. */
function portOf(port: unknown, { ports }: Container): number {
  if (typeof port === 'number') return port;
  const named = ports?.find(({ name }) => name === port);
  return named?.containerPort ?? Number(port);
}

type HttpGet = NonNullable<Probe['httpGet']>;

function probeHttp(get: HttpGet, container: Container, address: string, timeoutMs: number): Promise<boolean> {
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  const options = {
    host: get.host ?? address,
    port: portOf(get.port, container),
    path: get.path ?? '/',
    headers: { 'user-agent': 'kube-probe/local', ...headers },
    agent: false as const,
    timeout: timeoutMs,
  };
  return new Promise((resolve) => {
    const onResponse = (response: { statusCode?: number | undefined; resume(): void }): void => {
      response.resume();
      resolve((response.statusCode ?? 0) >= 200 && (response.statusCode ?? 0) < 400);
    };
    const request =
      get.scheme === 'HTTPS'
        ? httpsRequest({ ...options, rejectUnauthorized: false }, onResponse)
        : httpRequest(options, onResponse);
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', () => resolve(false));
    request.end();
  });
}

function probeTcp(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** grpc.health.v1.Health/Check by hand: the messages are a string and a number. */
function probeGrpc(host: string, port: number, service: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://${host}:${port}`);
    const timer = setTimeout(() => done(false), timeoutMs);
    const done = (answer: boolean): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    session.once('error', () => done(false));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', () => done(false));
    stream.once('end', () => done(Buffer.concat(chunks).subarray(5).equals(SERVING)));
    stream.end(healthRequest(service));
  });
}

/** A gRPC frame (not compressed, length) around HealthCheckRequest{service = 1}. */
function healthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
