import type { ChatRecord, GuestOutput, OutboxEntry, RevisionPassport, RouteRecord } from '@botplane/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import { LIMITS } from '../limits.ts';
import { Chain } from './chain.ts';
import type { Place } from './fair-scheduler.ts';
import { GuestFailure, TemporaryFailure } from './failures.ts';
import { PerformApiCall } from './perform-api-call.ts';
import type { Records } from './ports.ts';
import { RunGuest } from './run-guest.ts';
import { RunUpdate } from './run-update.ts';
import type { Head } from './run-update.ts';

const route: RouteRecord = {
  v: 1, botId: 'ns_bot', uid: 'u', routeSeq: 3, state: 'Serving', stateKey: 'chat_user', webhookSecretSha256: '', telegram: { id: 1, username: 'b' },
  split: [{ revision: 'r1', weight: 100 }], revisions: { r1: { revHash: 'h1', runtime: 'pool' } },
};
const update = (seq: number): IncomingUpdate => ({
  botId: 'ns_bot', partition: 1, orderKey: 'c5', stateKey: 'c5_u5', kind: 'message', updateId: 100 + seq, acceptedMs: 1_000, seq,
  event: { kind: 'update', update: { update_id: 100 + seq, message: { chat: { id: 5 }, text: 'hi' } } },
});
const output: GuestOutput = { state: { n: 1 }, effects: [{ method: 'sendMessage', params: {}, chat: '5', lane: 'reply' }], timers: [{ key: 'wait', nonce: 'n', atMs: 9 }], events: [], outcome: { kind: 'handled' } };

/** Our own ports in memory, each of which can be told to fail. */
class Ports {
  nowMs = 1_000;
  route: RouteRecord | undefined = route;
  newestRoute: RouteRecord | undefined = route;
  record: ChatRecord | undefined;
  revision = 0;
  guest: () => GuestOutput = () => output;
  faults: { [port: string]: Error | undefined } = {};
  readonly done: string[] = [];
  published: OutboxEntry[] = [];

  readonly records: Records = {
    load: async () => ({ record: this.record, revision: this.revision }),
    save: async (_bot, _key, record, revision) => {
      this.fail('save');
      if (revision !== this.revision) return 'conflict';
      this.record = record;
      this.revision++;
      this.done.push(record.attempt === undefined ? `save ${record.seq}` : `count ${record.attempt.count}`);
      return 'saved';
    },
  };

  useCase(): RunUpdate {
    const passports = { get: async (): Promise<RevisionPassport> => ({ errorText: { defaultLocale: 'en', byLocale: { en: 'Sorry' } } }) as unknown as RevisionPassport };
    const never = async (): Promise<never> => Promise.reject(new Error('not expected'));
    const apiCalls = new PerformApiCall({ passports, secrets: { get: never }, results: { find: never, keep: never }, egress: { perform: never }, crashes: { hit: () => undefined } });
    return new RunUpdate({
      clock: { nowMs: () => this.nowMs },
      routes: { find: () => this.route, refresh: async () => this.newestRoute, isReady: true },
      hashPersonal: () => 'h',
      runGuest: new RunGuest({ run: async () => this.guest() }, apiCalls),
      passports,
      outbox: {
        publish: async (_update, entries) => {
          this.fail('publish');
          this.published = [...entries];
          this.done.push(`publish ${entries.map((entry) => entry.kind).join(' ')}`);
        },
        answer: never,
      },
      timers: { arm: async (_update, timer) => void this.done.push(`arm ${timer.key}`), disarm: async (_update, timer) => void this.done.push(`disarm ${timer.key}`) },
      reporter: { settled: (_update, as) => void this.done.push(as), retried: (_update, why) => void this.done.push(`retry ${why}`), deadLettered: () => undefined },
      crashes: { hit: () => undefined },
    });
  }

  fail(port: string): void {
    const error = this.faults[port];
    this.faults[port] = undefined;
    if (error !== undefined) throw error;
  }
}

let ports: Ports;
let runUpdate: RunUpdate;
const place: Place = { leaveFor: (work) => work() };
const head = (seq = 1, more: Partial<Head> = {}): Head => ({ update: update(seq), chain: new Chain(), records: ports.records, isOwned: () => true, answeredEarly: Promise.resolve(false), firstTryMs: undefined, undisturbedMs: undefined, outages: 0, ...more });

beforeEach(() => {
  ports = new Ports();
  runUpdate = ports.useCase();
});

describe('RunUpdate', () => {
  it('commits before it publishes', async () => {
    expect(await runUpdate.execute(head(), place)).toBe('settled');
    expect(ports.done).toEqual(['save 1', 'arm wait', 'publish call', 'handled']);
  });

  it('[P9] publishes what it committed when only the outbox failed, without a second run', async () => {
    let runs = 0;
    ports.guest = () => (runs++, output);
    ports.faults['publish'] = new TemporaryFailure('nats', 'away');
    const same = head();
    expect(await runUpdate.execute(same, place)).toEqual({ retryAfterMs: LIMITS.outageRetryMsMin });
    expect(await runUpdate.execute(same, place)).toBe('settled');
    expect(ports.done).toEqual(['save 1', 'arm wait', 'retry nats', 'arm wait', 'publish call', 'republished']);
    expect(runs).toBe(1);
  });

  it('judges anew after a put whose outcome is unknown, and after a refused one', async () => {
    ports.faults['save'] = new TemporaryFailure('nats', 'timeout');
    const same = head();
    expect(await runUpdate.execute(same, place)).toEqual({ retryAfterMs: LIMITS.outageRetryMsMin });
    ports.guest = () => {
      ports.revision++;
      return output;
    };
    expect(await runUpdate.execute(same, place)).toEqual({ retryAfterMs: 0 });
    ports.guest = () => output;
    expect(await runUpdate.execute(same, place)).toBe('settled');
  });

  it('gives a failing guest its tries, each counted before the next, then the dead letter with an unchanged state', async () => {
    ports.record = { v: 1, seq: 1, updateIds: [], state: { kept: true }, timers: [{ key: 'wait', nonce: 'n', atMs: 9 }], outbox: [], routeSeq: 3 };
    ports.guest = () => {
      throw new GuestFailure('guest_error', 'boom');
    };
    const same = head(2);
    expect([await runUpdate.execute(same, place), await runUpdate.execute(same, place), await runUpdate.execute(same, place)]).toEqual([{ retryAfterMs: 500 }, { retryAfterMs: 2_000 }, 'settled']);
    expect(ports.done).toEqual(['count 1', 'retry guest_error', 'count 2', 'retry guest_error', 'save 2', 'publish dlq call', 'dlq']);
    expect(ports.record).toMatchObject({ seq: 2, state: { kept: true }, timers: [{ key: 'wait' }] });
    expect(ports.published[1]).toMatchObject({ call: { method: 'sendMessage', params: { chat_id: 5, text: 'Sorry' } } });
  });

  it('gives up a head that still fails after a minute', async () => {
    ports.guest = () => {
      throw new GuestFailure('guest_error', 'boom');
    };
    const same = head(2, { undisturbedMs: ports.nowMs - LIMITS.headMsMax });
    expect(await runUpdate.execute(same, place)).toBe('settled');
    expect(ports.done).toContain('dlq');
  });

  it.each<[string, () => void]>([
    ['an outage', () => (ports.faults['save'] = new TemporaryFailure('nats', 'away'))],
    ['a suspension', () => (ports.route = { ...route, state: 'Suspended' })],
  ])('gives a guest that fails after %s of more than a minute all its tries', async (_, begin) => {
    const same = head(2);
    begin();
    expect(await runUpdate.execute(same, place)).not.toBe('settled');
    ports.nowMs += LIMITS.headMsMax;
    ports.route = route;
    ports.guest = () => {
      throw new GuestFailure('guest_error', 'boom');
    };
    expect([await runUpdate.execute(same, place), await runUpdate.execute(same, place), await runUpdate.execute(same, place)]).toEqual([{ retryAfterMs: 500 }, { retryAfterMs: 2_000 }, 'settled']);
  });

  it('never counts an outage, however long', async () => {
    ports.guest = () => {
      throw new TemporaryFailure('runtime', 'away');
    };
    const same = head();
    for (let n = 0; n < 50; n++) {
      ports.nowMs += 10_000;
      expect(await runUpdate.execute(same, place)).toMatchObject({ retryAfterMs: expect.any(Number) });
    }
    expect(same.outages).toBe(50);
    expect(ports.record).toBeUndefined();
  });

  it('waits for a route, and gives up only when none came', async () => {
    ports.route = undefined;
    ports.newestRoute = undefined;
    const same = head();
    expect(await runUpdate.execute(same, place)).toMatchObject({ retryAfterMs: expect.any(Number) });
    ports.nowMs += LIMITS.routeWaitMsMax;
    expect(await runUpdate.execute(same, place)).toBe('settled');
    expect(ports.published).toMatchObject([{ kind: 'dlq', entry: { reason: 'route_unknown' } }]);
  });

  it('reads the newest route when the record knows a newer one than memory', async () => {
    ports.record = { v: 1, seq: 1, updateIds: [], state: {}, timers: [], outbox: [], routeSeq: 4 };
    ports.newestRoute = { ...route, routeSeq: 4 };
    await runUpdate.execute(head(2), place);
    expect(ports.record?.routeSeq).toBe(4);
  });

  it('keeps the update of a suspended bot and drops that of a deleted one', async () => {
    ports.route = { ...route, state: 'Suspended' };
    expect(await runUpdate.execute(head(), place)).toEqual({ retryAfterMs: LIMITS.suspendedRetryMs });
    ports.route = { ...route, state: 'Deleted' };
    expect(await runUpdate.execute(head(), place)).toBe('settled');
    expect(ports.done).toEqual(['gone']);
  });

  it('commits nothing when the partition was lost while the guest ran', async () => {
    let isOwned = true;
    ports.guest = () => {
      isOwned = false;
      return output;
    };
    await runUpdate.execute(head(1, { isOwned: () => isOwned }), place);
    expect(ports.record).toBeUndefined();
    expect(ports.done).toEqual([]);
  });

  it('[P9] knows what was settled before, and what Telegram sent again', async () => {
    ports.record = { v: 1, seq: 5, updateIds: [106], state: {}, timers: [], outbox: [], routeSeq: 3 };
    await runUpdate.execute(head(4), place);
    await runUpdate.execute(head(6), place);
    expect(ports.done).toEqual(['below', 'seen']);
  });
});
