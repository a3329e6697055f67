import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator, errors } from '@nats-io/transport-node';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { LIMITS } from './limits.ts';
import { StreamWriter } from './stream-writer.ts';

export interface NatsSettings {
  /** `nats://[user:password@]host:port`, several separated by commas. */
  url: string;
  /** Shown in the server's connection list: service and pod name. */
  name: string;
  /** File with a user's credentials. Default: none. */
  credsFile?: string;
  /** Encrypts, and checks the server. Default: plain text, unless the server or the URL (`tls://`) asks for TLS. */
  tls?: NatsTls;
  /** How long to wait for the first connection, per address. Default: without end, as a service does. */
  connectMsMax?: number;
}

/** PEM files. They are read anew for each connection, so new certificates need no restart. */
export interface NatsTls {
  /** Authorities that the server's certificate may come from. */
  caFile: string;
  /** Who this client is, for servers that ask for a certificate. */
  client?: { certFile: string; keyFile: string };
}

/** A connection with its JetStream handles. */
export interface Nats {
  connection: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
}

/**
 * Connects and stays connected: reconnects without end, also while the first connection cannot be made.
 * Rejects only for what waiting cannot mend, such as refused credentials, and after `connectMsMax`.
 */
export async function connectNats(settings: NatsSettings): Promise<NatsConnection> {
  const { servers, user, pass } = parseUrl(settings.url);
  const options: NodeConnectionOptions = {
    servers,
    name: settings.name,
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(settings.credsFile === undefined ? {} : { authenticator: credsAuthenticator(readFileSync(settings.credsFile)) }),
    ...(settings.tls === undefined ? {} : { tls: { caFile: settings.tls.caFile, ...settings.tls.client } }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: LIMITS.reconnectWaitMs,
    pingInterval: LIMITS.pingIntervalMs,
    maxPingOut: 2,
    // A stack for each request, wanted or not, costs a fifth of a publish.
    noAsyncTraces: true,
  };
  return settings.connectMsMax === undefined ? connect({ ...options, waitOnFirstConnect: true }) : connectWithin(settings.connectMsMax, options);
}

/** The client itself knows only one try or tries without end. */
async function connectWithin(msMax: number, options: NodeConnectionOptions): Promise<NatsConnection> {
  const endMs = performance.now() + msMax;
  for (;;) {
    try {
      return await connect({ ...options, timeout: endMs - performance.now() });
    } catch (error) {
      if (error instanceof errors.AuthorizationError || performance.now() + LIMITS.reconnectWaitMs >= endMs) throw error;
      await sleep(LIMITS.reconnectWaitMs);
    }
  }
}

/** Connects and opens JetStream; waits for a server that is still starting JetStream. */
export async function openNats(settings: NatsSettings): Promise<Nats> {
  const connection = await connectNats(settings);
  const jsm = await jetstreamManager(connection, { checkAPI: false, timeout: LIMITS.requestTimeoutMs });
  const js = jsm.jetstream();
  new StreamWriter(connection).serve(js, jsm);
  return { connection, jsm, js };
}

function parseUrl(text: string): { servers: string[]; user: string | undefined; pass: string | undefined } {
  let user: string | undefined;
  let pass: string | undefined;
  const servers = text.split(',').map((part) => {
    const url = new URL(part.includes('://') ? part.trim() : `nats://${part.trim()}`);
    if (url.username !== '') user = decodeURIComponent(url.username);
    if (url.password !== '') pass = decodeURIComponent(url.password);
    return `${url.protocol}//${url.host}`;
  });
  return { servers, user, pass };
}
