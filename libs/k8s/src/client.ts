import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { CredentialSource } from './credentials.ts';
import { startDeadline } from './deadline.ts';
import { isGone, isNotFound, isTransient } from './errors.ts';
import { LIST_PAGES_MAX, LIST_PAGE_SIZE, READ_ATTEMPTS_MAX, READ_RETRY_DELAY_MS, READ_RETRY_DELAY_MS_MAX, REQUEST_TIMEOUT_MS } from './limits.ts';
import type { Applied, KubeObject, NewObject, ObjectList, ObjectRef, PartialObjectMetadata } from './objects.ts';
import { refOf } from './objects.ts';
import { NO_METRICS } from './ports.ts';
import type { MetricsPort } from './ports.ts';
import { apiVersionOf, collectionPath, objectPath } from './resources.ts';
import type { ResourceType } from './resources.ts';
import { Transport, networkError } from './transport.ts';
import type { HttpRequest } from './transport.ts';
import { openWatch } from './watch.ts';
import type { WatchEvent, WatchOptions } from './watch.ts';

export interface K8sClientOptions {
  /** Path of a kubeconfig (or several, as in KUBECONFIG). Left out: the pod's own service account. */
  kubeconfigPath?: string;
  /** Context of the kubeconfig; left out: its current one. */
  context?: string;
  metrics?: MetricsPort;
  /** Called right before each request that changes something; what it throws is thrown to the caller instead. For a leader's fence. */
  beforeWrite?: () => void;
  /** Sent as User-Agent; names the writer in audit logs. */
  userAgent?: string;
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** Default 30 s, answer included. */
  timeoutMs?: number;
}

export interface ListOptions extends RequestOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects per request, default 500. */
  pageSize?: number;
}

export interface WriteOptions extends RequestOptions {
  /** At most 128 characters; `kubectl get --show-managed-fields` shows it. */
  fieldManager?: string;
  /** The server checks and answers, but stores nothing. */
  dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Takes fields over from other managers instead of failing with a conflict. Default false. */
  force?: boolean;
}

export interface PatchOptions extends WriteOptions {
  subresource?: string;
}

/** `merge` replaces lists whole, `strategic` merges them by key (built-in kinds only), `json` is a list of RFC 6902 operations. */
export type Patch = { type: 'merge' | 'strategic'; body: object } | { type: 'json'; body: readonly object[] };

export interface DeleteOptions extends RequestOptions {
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/** A request that has no verb here, for example a subresource of a built-in kind. */
export interface RawRequest extends RequestOptions, Pick<HttpRequest, 'method' | 'path' | 'query' | 'body' | 'contentType' | 'accept'> {}

const PATCH_CONTENT_TYPE = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
} as const;
const APPLY_CONTENT_TYPE = 'application/apply-patch+yaml';
const METADATA_ACCEPT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST_ACCEPT = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface RawList<T> {
  metadata: { resourceVersion?: string; continue?: string };
  items: T[] | null;
}

/**
 * The verbs of the Kubernetes API for any kind, raw JSON in and out, over one shared pool of connections.
 * Reads are tried up to 4 times on network errors, 429 and 5xx; writes once, so that the caller decides with fresh state.
 * Failures are `K8sError`; an abort by the caller's signal rejects with the signal's reason.
 */
export class K8sClient {
  private readonly transport: Transport;
  private readonly credentials: CredentialSource;
  private readonly beforeWrite: () => void;

  constructor(options: K8sClientOptions = {}) {
    this.beforeWrite = options.beforeWrite ?? (() => undefined);
    this.credentials = new CredentialSource({ ...(options.kubeconfigPath ? { kubeconfigPath: options.kubeconfigPath } : {}), ...(options.context ? { context: options.context } : {}) });
    this.transport = new Transport(this.credentials, options.metrics ?? NO_METRICS, options.userAgent ?? 'botplane');
  }

  /** The namespace the kubeconfig's context names: in a cluster, the pod's own. */
  get contextNamespace(): string | undefined {
    return this.credentials.namespace;
  }

  /** Undefined when there is no such object. */
  async get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options: RequestOptions = {}): Promise<T | undefined> {
    return this.find<T>(type, ref, 'application/json', options);
  }

  /** Like {@link get}, without spec, status and data. */
  async getMetadata(type: ResourceType, ref: ObjectRef, options: RequestOptions = {}): Promise<PartialObjectMetadata | undefined> {
    return this.find<PartialObjectMetadata>(type, ref, METADATA_ACCEPT, options);
  }

  /** All matching objects, page by page, as of one moment. Without a namespace: of all namespaces. */
  async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    return this.listPages<T>(type, options, 'application/json');
  }

  /** Like {@link list}, without spec, status and data; for Secrets. */
  async listMetadata(type: ResourceType, options: ListOptions = {}): Promise<ObjectList<PartialObjectMetadata>> {
    return this.listPages<PartialObjectMetadata>(type, options, METADATA_LIST_ACCEPT);
  }

  /** Fails with {@link isAlreadyExists} when the name is taken. */
  async create<T extends KubeObject>(type: ResourceType<T>, object: NewObject<T>, options: WriteOptions = {}): Promise<T> {
    const { namespace } = object.metadata;
    if (type.namespaced && !namespace) throw new Error(`create ${type.kind}: a namespace is required`);
    return this.write<T>({ method: 'POST', path: collectionPath(type, namespace), body: withType(type, object) }, options);
  }

  /** Server-side apply: creates the object or makes the given fields so; fields this manager gave before and leaves out now are removed. */
  async apply<T extends KubeObject>(type: ResourceType<T>, desired: Applied<T>, options: ApplyOptions): Promise<T> {
    return this.applyAt<T>(objectPath(type, refOf(desired as KubeObject)), withType(type, desired), options);
  }

  /** Server-side apply on the status subresource. */
  async applyStatus<T extends KubeObject>(type: ResourceType<T>, desired: Applied<T>, options: ApplyOptions): Promise<T> {
    return this.applyAt<T>(objectPath(type, refOf(desired as KubeObject), 'status'), withType(type, desired), options);
  }

  /** A `metadata.resourceVersion` in the body makes it conditional: it fails with {@link isConflict} when the object changed. */
  async patch<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, patch: Patch, options: PatchOptions = {}): Promise<T> {
    const path = objectPath(type, ref, options.subresource);
    return this.write<T>({ method: 'PATCH', path, body: patch.body, contentType: PATCH_CONTENT_TYPE[patch.type] }, options);
  }

  /** PUT of a whole object. With its `resourceVersion` this is a compare-and-set. */
  async replace<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    return this.write<T>({ method: 'PUT', path: objectPath(type, refOf(object)), body: withType(type, object) }, options);
  }

  /** PUT of the status of an object as it was read: a compare-and-set, so `resourceVersion` is required. */
  async replaceStatus<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    if (!object.metadata.resourceVersion) throw new Error(`replaceStatus ${type.kind} ${object.metadata.name}: resourceVersion is required`);
    return this.write<T>({ method: 'PUT', path: objectPath(type, refOf(object), 'status'), body: withType(type, object) }, options);
  }

  /** False when there was no such object. A precondition that does not hold is a conflict. */
  async delete(type: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const { signal: _signal, timeoutMs: _timeoutMs, ...fields } = options;
    // kube-apiserver ignores a body of fields alone: it must be a whole DeleteOptions.
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...fields };
    try {
      await this.request({ method: 'DELETE', path: objectPath(type, ref), body, ...timing(options) });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** One watch, until the server or `signal` ends it. Most callers want a Reflector, which survives that end. */
  watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    return openWatch<T>(this.transport, type, options);
  }

  /** The lines of an answer that is text, as they come: logs of a pod. Ends when the server ends it; `signal` ends it earlier. */
  async *lines(path: string, query: NonNullable<HttpRequest['query']>, signal?: AbortSignal): AsyncGenerator<string> {
    const request: HttpRequest = { method: 'GET', path, query, accept: '*/*', ...(signal ? { signal } : {}) };
    const { body } = await this.transport.send(request);
    try {
      yield* createInterface({ input: body, crlfDelay: Infinity });
    } catch (error) {
      throw networkError(request, error);
    }
  }

  /** Sends any request and returns the parsed body; undefined when it is empty. GETs are repeated as reads are. */
  async request<Body>(request: RawRequest): Promise<Body> {
    const { signal: _signal, timeoutMs: _timeoutMs, ...http } = request;
    const attempt = () => this.attempt<Body>(http, request);
    if (request.method === 'GET') return readWithRetries(attempt, request.signal);
    this.beforeWrite();
    return attempt();
  }

  /** Cuts all requests and watches and closes the connections. */
  async close(): Promise<void> {
    await this.transport.close();
  }

  private async find<T>(type: ResourceType, ref: ObjectRef, accept: string, options: RequestOptions): Promise<T | undefined> {
    try {
      return await this.request<T>({ method: 'GET', path: objectPath(type, ref), accept, ...timing(options) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private applyAt<T>(path: string, body: object, options: ApplyOptions): Promise<T> {
    return this.write<T>({ method: 'PATCH', path, body, contentType: APPLY_CONTENT_TYPE, query: { force: options.force ?? false } }, options);
  }

  private write<T>(request: HttpRequest, options: WriteOptions): Promise<T> {
    const query = { ...request.query, fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined };
    return this.request<T>({ ...request, query, ...timing(options) });
  }

  private async listPages<T extends KubeObject>(type: ResourceType, options: ListOptions, accept: string): Promise<ObjectList<T>> {
    try {
      return await this.followPages<T>(type, options, accept, options.pageSize ?? LIST_PAGE_SIZE);
    } catch (error) {
      // The continue token outlived etcd's history: one request without pages cannot.
      if (isGone(error)) return this.followPages<T>(type, options, accept, undefined);
      throw error;
    }
  }

  private async followPages<T extends KubeObject>(type: ResourceType, options: ListOptions, accept: string, limit: number | undefined): Promise<ObjectList<T>> {
    const path = collectionPath(type, options.namespace);
    const selectors = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
    const items: T[] = [];
    let next: string | undefined;
    for (let page = 0; page < LIST_PAGES_MAX; page++) {
      const list = await this.request<RawList<T>>({ method: 'GET', path, accept, query: { ...selectors, limit, continue: next }, ...timing(options) });
      for (const item of list.items ?? []) items.push(completed(type, item, accept));
      next = list.metadata.continue || undefined;
      if (next === undefined) return { items, resourceVersion: list.metadata.resourceVersion ?? '' };
    }
    throw new Error(`list ${type.plural}: more than ${LIST_PAGES_MAX} pages`);
  }

  private async attempt<Body>(http: HttpRequest, options: RequestOptions): Promise<Body> {
    options.signal?.throwIfAborted();
    const deadline = startDeadline(options.signal, options.timeoutMs ?? REQUEST_TIMEOUT_MS);
    const request = { ...http, signal: deadline.signal };
    try {
      const response = await this.transport.send(request);
      const text = await response.body.text();
      return (text === '' ? undefined : JSON.parse(text)) as Body;
    } catch (error) {
      throw networkError(request, error);
    } finally {
      deadline.clear();
    }
  }
}

async function readWithRetries<Body>(attempt: () => Promise<Body>, signal: AbortSignal | undefined): Promise<Body> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error) || tries >= READ_ATTEMPTS_MAX) throw error;
      const backoffMs = READ_RETRY_DELAY_MS * 2 ** (tries - 1) * (1 + Math.random());
      await sleep(Math.min(error.retryAfterMs ?? backoffMs, READ_RETRY_DELAY_MS_MAX), undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    }
  }
}

function timing(options: RequestOptions): RequestOptions {
  return { ...(options.signal ? { signal: options.signal } : {}), ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }) };
}

function withType(type: ResourceType, object: object): object {
  return { apiVersion: apiVersionOf(type), kind: type.kind, ...object };
}

/** Items of a list come without the type that single objects carry. */
function completed<T extends KubeObject>(type: ResourceType, item: T, accept: string): T {
  if (accept !== METADATA_LIST_ACCEPT) {
    item.apiVersion ??= apiVersionOf(type);
    item.kind ??= type.kind;
  }
  return item;
}
