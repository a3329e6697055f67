import { StringDecoder } from 'node:string_decoder';
import { K8sError, LocalReason } from './errors.ts';
import type { KubeStatus } from './errors.ts';
import { REQUEST_TIMEOUT_MS, WATCH_GRACE_MS, WATCH_LINE_BYTES_MAX, WATCH_SILENCE_MS_MAX } from './limits.ts';
import type { KubeObject } from './objects.ts';
import { collectionPath } from './resources.ts';
import type { ResourceType } from './resources.ts';
import { networkError } from './transport.ts';
import type { HttpRequest, Transport } from './transport.ts';

/** One line of a watch. A bookmark's object has a resourceVersion and nothing else. */
export interface WatchEvent<T extends KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

export interface WatchOptions {
  /** Events after this version. */
  resourceVersion: string;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** The server ends the watch after this long; it counts as dead 3 s later. */
  timeoutSeconds?: number;
  /** Without a byte for this long the peer counts as dead. Default 135 s. */
  silenceMsMax?: number;
  /** Objects come without spec, status and data. */
  metadataOnly?: boolean;
  signal?: AbortSignal;
  /** Called when the server accepted the watch. */
  onOpen?: () => void;
}

const METADATA_ACCEPT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * Opens one watch and yields its events. Ends without an error when the server ends it; throws {@link K8sError} on refusal, a cut connection, an
 * ERROR event or a broken line.
 */
export async function* openWatch<T extends KubeObject>(transport: Transport, type: ResourceType<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const ended = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
  const request = watchRequest(type, options, signal);
  const { timeoutSeconds } = options;
  const overdue = (): void => ended.abort(new DOMException('the watch did not end in its time', 'TimeoutError'));
  const endTimer = timeoutSeconds === undefined ? undefined : setTimeout(overdue, timeoutSeconds * 1_000 + WATCH_GRACE_MS);
  const openTimer = setTimeout(() => ended.abort(new DOMException('no answer to the watch', 'TimeoutError')), REQUEST_TIMEOUT_MS);
  try {
    const { body } = await transport.send(request);
    clearTimeout(openTimer);
    options.onOpen?.();
    for await (const line of lines(body, request)) yield parseLine<T>(line, request);
  } finally {
    clearTimeout(openTimer);
    clearTimeout(endTimer);
    ended.abort(new Error('the watch is no longer read'));
  }
}

function watchRequest(type: ResourceType, options: WatchOptions, signal: AbortSignal): HttpRequest {
  return {
    method: 'GET',
    path: collectionPath(type, options.namespace),
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      timeoutSeconds: options.timeoutSeconds,
    },
    accept: options.metadataOnly ? METADATA_ACCEPT : 'application/json',
    silenceMsMax: options.silenceMsMax ?? WATCH_SILENCE_MS_MAX,
    signal,
  };
}

/** Splits the stream at line breaks. A rest without one at the end was cut and is an error: its event would be lost silently. */
async function* lines(body: AsyncIterable<Buffer>, request: HttpRequest): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  let pendingBytes = 0;
  try {
    for await (const chunk of body) {
      const parts = decoder.write(chunk).split('\n');
      const last = parts.pop() ?? '';
      for (const part of parts) {
        pieces.push(part);
        const line = pieces.join('');
        pieces = [];
        pendingBytes = 0;
        if (line !== '') yield line;
      }
      if (last !== '') pieces.push(last);
      pendingBytes += last.length;
      if (pendingBytes > WATCH_LINE_BYTES_MAX) throw badAnswer(request, 'a watch event is too long');
    }
  } catch (error) {
    throw networkError(request, error);
  }
  if (pendingBytes > 0) throw badAnswer(request, 'the watch ended inside an event');
}

function parseLine<T extends KubeObject>(line: string, request: HttpRequest): WatchEvent<T> {
  let event: { type?: string; object?: unknown };
  try {
    event = JSON.parse(line) as typeof event;
  } catch (error) {
    throw badAnswer(request, 'a watch event is not JSON', error);
  }
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return event as WatchEvent<T>;
    case 'ERROR':
      throw eventError(request, event.object as KubeStatus);
    default:
      throw badAnswer(request, `unknown watch event "${String(event.type)}"`);
  }
}

function eventError(request: HttpRequest, status: KubeStatus): K8sError {
  const seconds = status.details?.retryAfterSeconds;
  return new K8sError(`watch ${request.path}: ${status.message ?? 'ERROR event'}`, {
    status: status.code ?? 500,
    reason: status.reason ?? 'Unknown',
    method: 'GET',
    path: request.path,
    details: status.details,
    retryAfterMs: seconds ? seconds * 1000 : undefined,
  });
}

function badAnswer(request: HttpRequest, message: string, cause?: unknown): K8sError {
  return new K8sError(`watch ${request.path}: ${message}`, { status: 0, reason: LocalReason.BadAnswer, method: 'GET', path: request.path, cause });
}
