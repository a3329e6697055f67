import { parseRetryAfterMs, retryDelayMs } from '../domain/retry.ts';
import type { UpdateRecord, Webhook } from '../domain/types.ts';
import { UPDATE_AGE_MS_MAX } from '../limits.ts';
import type { BotAccount } from './bot-account.ts';
import type { Clock, Meter, WebhookAnswer, WebhookClient } from './ports.ts';

/** Updates of one queue key; the first one is tried until it is delivered or too old. */
interface Lane {
  readonly key: string;
  readonly items: Item[];
  failures: number;
  state: 'idle' | 'ready' | 'busy' | 'sleeping';
  timer: NodeJS.Timeout | null;
}

interface Item {
  record: UpdateRecord;
  /** A repetition asked for by a test: sent as it is, without being pending. */
  repeated: boolean;
}

interface Try {
  status: number | null;
  retryAfterMs: number;
  error: string | null;
  body: string;
}

/** A 2xx body may carry one call of the Bot API, but none of these. */
const NOT_FROM_WEBHOOK = /^(setWebhook|deleteWebhook|close|logOut|get.*)$/i;

/** Delivers one bot's updates to its webhook, as Telegram does: in order per lane, several lanes at once. */
export class WebhookSender {
  private readonly lanes = new Map<string, Lane>();
  private readonly ready: Lane[] = [];
  private active = 0;
  private abort = new AbortController();
  private closed = false;

  constructor(
    private readonly account: BotAccount,
    private readonly client: WebhookClient,
    private readonly meter: Meter,
    private readonly clock: Clock,
    private readonly onCall: (method: string, params: Record<string, unknown>) => void,
  ) {
    for (const record of account.pending.values()) this.enqueue(record);
  }

  /** Takes an update; without a webhook it stays with the account alone, for getUpdates or a later webhook. */
  enqueue(record: UpdateRecord, repeated = false): void {
    if (!this.account.webhook && !repeated) return;
    let lane = this.lanes.get(record.queueKey);
    if (!lane) this.lanes.set(record.queueKey, (lane = { key: record.queueKey, items: [], failures: 0, state: 'idle', timer: null }));
    lane.items.push({ record, repeated });
    this.makeReady(lane, 'idle');
    this.pump();
  }

  /** Starts anew with the webhook as it is now: nothing waits for a retry any more. */
  webhookChanged(): void {
    this.takeWaiting();
    for (const lane of this.lanes.values()) {
      lane.failures = 0;
      this.makeReady(lane, 'sleeping');
    }
    this.pump();
  }

  /** Forgets everything, also what is under way. */
  reset(): void {
    this.abort.abort();
    this.abort = new AbortController();
    for (const lane of this.lanes.values()) if (lane.timer) clearTimeout(lane.timer);
    this.lanes.clear();
    this.ready.length = 0;
  }

  /** Starts no more requests; those under way have until `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.closed = true;
    for (const lane of this.lanes.values()) if (lane.timer) clearTimeout(lane.timer);
    const until = this.clock() + graceMs;
    while (this.active > 0 && this.clock() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    this.abort.abort();
  }

  /** What came while there was no webhook. */
  private takeWaiting(): void {
    if (!this.account.webhook) return;
    const queued = new Set([...this.lanes.values()].flatMap((lane) => lane.items.map((item) => item.record)));
    for (const record of this.account.pending.values()) if (!queued.has(record)) this.enqueue(record);
  }

  private makeReady(lane: Lane, from: 'idle' | 'sleeping'): void {
    if (lane.state !== from) return;
    if (lane.timer) clearTimeout(lane.timer);
    lane.timer = null;
    lane.state = 'ready';
    this.ready.push(lane);
  }

  private pump(): void {
    const { account, ready } = this;
    while (!this.closed && account.webhook && this.active < account.webhook.maxConnections) {
      const lane = ready.shift();
      if (!lane) return;
      this.skipGone(lane);
      const item = lane.items[0];
      if (item) void this.deliver(lane, item, account.webhook);
      else this.lanes.delete(lane.key);
    }
  }

  /** Drops updates that were dropped from the account meanwhile, or that are too old. */
  private skipGone(lane: Lane): void {
    for (let item = lane.items[0]; item; item = lane.items[0]) {
      const { record, repeated } = item;
      const id = record.update.update_id;
      const expired = this.clock() - record.createdAtMs > UPDATE_AGE_MS_MAX;
      if (!expired && (repeated || this.account.pending.get(id) === record)) return;
      if (expired && !repeated) this.account.commit({ t: 'settled', updateId: id, atMs: this.clock() });
      lane.items.shift();
      lane.failures = 0;
    }
  }

  private async deliver(lane: Lane, item: Item, webhook: Webhook): Promise<void> {
    const { signal } = this.abort;
    lane.state = 'busy';
    this.active += 1;
    const result = await this.attempt(lane, item, webhook, signal);
    this.active -= 1;
    if (!signal.aborted) this.conclude(lane, item, result);
    this.pump();
  }

  private async attempt(lane: Lane, item: Item, webhook: Webhook, signal: AbortSignal): Promise<Try> {
    const startMs = this.clock();
    let result: Try;
    try {
      const answer = await this.client.post(webhook.url, webhook.secretToken, JSON.stringify(item.record.update), signal);
      result = judge(answer, this.clock());
    } catch (error) {
      result = { status: null, retryAfterMs: 0, error: error instanceof Error ? error.message : String(error), body: '' };
    }
    const ms = this.clock() - startMs;
    if (signal.aborted) return result;
    this.account.deliveries.add((seq) => ({
      seq, update_id: item.record.update.update_id, kind: item.record.kind, attempt: lane.failures + 1, time: startMs,
      status: result.status, ms, ...(result.error !== null && { error: result.error }),
    }));
    this.meter.delivered(result.status === null ? 'none' : String(result.status), ms / 1000);
    return result;
  }

  private conclude(lane: Lane, item: Item, result: Try): void {
    if (result.error === null) {
      lane.items.shift();
      lane.failures = 0;
      if (!item.repeated) this.account.commit({ t: 'settled', updateId: item.record.update.update_id, atMs: this.clock() });
      this.goOn(lane);
      this.callBack(result.body);
      return;
    }
    lane.failures += 1;
    this.noteError(result);
    this.sleep(lane, retryDelayMs(lane.failures, result.retryAfterMs, Math.random()));
  }

  private goOn(lane: Lane): void {
    lane.state = 'idle';
    if (lane.items.length > 0) this.makeReady(lane, 'idle');
    else this.lanes.delete(lane.key);
  }

  private sleep(lane: Lane, delayMs: number): void {
    lane.state = 'sleeping';
    lane.timer = setTimeout(() => {
      this.makeReady(lane, 'sleeping');
      this.pump();
    }, delayMs);
  }

  private noteError({ status, error }: Try): void {
    const { webhook } = this.account;
    if (!webhook) return;
    // Telegram gives up on a webhook that is Gone; the updates wait for another one.
    if (status === 410) return this.account.commit({ t: 'webhook', webhook: null });
    const lastErrorDate = Math.floor(this.clock() / 1000);
    if (webhook.lastErrorDate === lastErrorDate && webhook.lastErrorMessage === error) return;
    this.account.commit({ t: 'webhook', webhook: { ...webhook, lastErrorDate, lastErrorMessage: error } });
  }

  private callBack(body: string): void {
    if (!body.includes('"method"')) return;
    let call: unknown;
    try {
      call = JSON.parse(body);
    } catch {
      return;
    }
    if (typeof call !== 'object' || call === null) return;
    const { method, ...params } = call as Record<string, unknown>;
    if (typeof method === 'string' && !NOT_FROM_WEBHOOK.test(method)) this.onCall(method, params);
  }
}

function judge(answer: WebhookAnswer, nowMs: number): Try {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return { status, retryAfterMs: 0, error: null, body };
  const error = `Wrong response from the webhook: ${status} ${answer.statusText}`.trim();
  return { status, retryAfterMs: parseRetryAfterMs(answer.retryAfter, nowMs), error, body: '' };
}
