import type { UpdateRecord } from '../domain/types.ts';
import { ControlError } from '../domain/control-error.ts';
import { SHUTDOWN_GRACE_MS } from '../limits.ts';
import { Accounts } from './accounts.ts';
import type { BotAccount } from './bot-account.ts';
import { BotApi } from './bot-api.ts';
import { methodTable } from './methods/table.ts';
import type { Clock, Journal, Meter, WebhookClient } from './ports.ts';
import { postRawUpdate } from './post-update.ts';
import { WebhookSender } from './webhook-sender.ts';

/** What the simulator stands on. */
export interface SimulatorPorts {
  journal: Journal;
  webhooks: WebhookClient;
  meter: Meter;
  clock: Clock;
}

/** One Telegram: its bots, its Bot API, and the delivery of updates. */
export class Simulator {
  readonly accounts: Accounts;
  readonly botApi: BotApi;
  readonly startedAtMs: number;
  private readonly senders = new Map<BotAccount, WebhookSender>();

  constructor(private readonly ports: SimulatorPorts) {
    this.accounts = new Accounts(ports.journal, ports.clock);
    this.startedAtMs = ports.clock();
    const methods = methodTable((call) => this.senders.get(call.account)?.webhookChanged());
    this.botApi = new BotApi(this.accounts, methods, ports.meter, ports.clock);
    this.accounts.onCreate = (account) => this.startDelivery(account);
  }

  /** Forgets what one bot, or every bot, has been through; the bots themselves stay. */
  reset(token: string | undefined): void {
    for (const account of token === undefined ? this.accounts.all() : [this.accounts.get(token)]) {
      this.senders.get(account)?.reset();
      account.commit({ t: 'reset' });
    }
    this.accounts.faults.clear(token);
  }

  /** Hands a bot an update as a test wrote it. */
  pushUpdate(account: BotAccount, update: Record<string, unknown>): number {
    const { update_id, ...body } = update;
    const id = typeof update_id === 'number' ? update_id : account.takeUpdateId();
    if (account.pending.has(id)) throw new ControlError(409, `update.update_id: ${id} is waiting to be delivered already; use another or leave it out`);
    return postRawUpdate(account, { update_id: id, ...body }, this.ports.clock());
  }

  /** Sends an update once more, or several times, as Telegram does after an answer was lost. */
  redeliver(account: BotAccount, updateId: number, times: number): void {
    const record = account.settled.get(updateId) ?? account.pending.get(updateId);
    if (!record) throw new ControlError(404, `update_id: ${updateId} is not known (any more); see GET /_sim/deliveries?token=…`);
    const again: UpdateRecord = { ...record, createdAtMs: this.ports.clock() };
    for (let i = 0; i < times; i++) this.senders.get(account)?.enqueue(again, true);
  }

  stats(): Record<string, unknown> {
    const bots = this.accounts.all().map((account) => ({
      token: account.token, username: account.bot.username, chats: account.chats.size, pending: account.pending.size,
      calls: account.calls.lastSeq, deliveries: account.deliveries.lastSeq, events: account.events.lastSeq,
      webhook: account.webhook?.url ?? '',
    }));
    const uptime_ms = this.ports.clock() - this.startedAtMs;
    return { uptime_ms, rss_bytes: process.memoryUsage.rss(), faults: this.accounts.faults.list().length, bots };
  }

  pendingCount(): number {
    let sum = 0;
    for (const account of this.accounts.all()) sum += account.pending.size;
    return sum;
  }

  async close(): Promise<void> {
    await Promise.all([...this.senders.values()].map((sender) => sender.close(SHUTDOWN_GRACE_MS)));
  }

  private startDelivery(account: BotAccount): void {
    const { webhooks, meter, clock } = this.ports;
    const sender = new WebhookSender(account, webhooks, meter, clock, (method, params) => {
      this.botApi.callFromWebhook(account, method, params);
    });
    this.senders.set(account, sender);
    account.onUpdate = (record) => {
      sender.enqueue(record);
      account.signals.notify('updates');
    };
  }
}
