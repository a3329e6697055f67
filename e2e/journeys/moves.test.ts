import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKETS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { TypedBucket, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { manifests } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';
import type { Person } from '../src/simulator.ts';

const NAME = 'mover';
const CHATS = 6;
/** Messages of one chat that may wait for their answer: there is always work under way, and never more than a slow machine can do. */
const WAITING_MAX = 3;
/** Answers of each chat by which it is judged who serves. */
const ANSWERS = 3;
/** Pause of a person who waits for answers before they look again. */
const PACE_MS = 200;
const MOVED = { timeout: 90_000, interval: 500 };
const SECOND_POOL = { apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', metadata: { name: 'moving', namespace: 'default' }, spec: {} };

/** Each answer tells its number and what it answers. */
const counter = {
  meta: { name: 'Mover', locales: ['en'], defaultLocale: 'en' },
  state: { told: { type: 'integer', default: 0 } },
  fallback: { flow: 'count' },
  flows: { count: { steps: [{ save: { told: '= state.told + 1' } }, { reply: { text: '{{state.told}} {{context.message.text}}' } }] } },
};

/** One person who writes 1, 2, 3 and so on. */
class Talk {
  sent = 0;
  answered = 0;

  constructor(private readonly person: Person) {}

  async run(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted || this.answered < this.sent) {
      if (!stopping.aborted && this.sent - this.answered < WAITING_MAX) await this.person.say(String(this.sent + 1)).then(() => this.sent++);
      else await sleep(PACE_MS);
      this.answered = (await this.answers()).length;
    }
  }

  async answers(): Promise<string[]> {
    return (await this.person.transcript()).filter(({ from }) => from.is_bot).map(({ text = '' }) => text);
  }
}

interface RuntimePod {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
  status: { podIP?: string; conditions?: { type: string; status: string }[] };
}

describe('[P9] a bot that moves between pods while people write to it', () => {
  let env: Environment;
  let nats: Nats;
  let token = '';
  let talks: Talk[] = [];
  let talking: Promise<unknown> = Promise.resolve();
  const stopping = new AbortController();

  beforeAll(async () => {
    env = new Environment();
    nats = await openNats({ url: env.var('NATS_URL'), name: 'e2e-moves' });
    ({ token } = await env.simulator.makeBot(NAME));
    await place('Pooled');
    await env.waitFor(`bot/${NAME}`, 'Ready', 60);
    const firstId = newUserId();
    talks = Array.from({ length: CHATS }, (_, n) => new Talk(env.simulator.person(token, { id: firstId + n, first_name: `Mia${n}`, language_code: 'en' })));
    talking = Promise.all(talks.map((talk) => talk.run(stopping.signal)));
    // It is awaited by the last test; until then a failure must not end the process.
    talking.catch(() => undefined);
  });

  afterAll(async () => {
    stopping.abort();
    await nats.connection.close();
    await env.kubectl(['delete', 'bot', NAME, '--ignore-not-found', '--timeout=60s']);
    await env.kubectl(['delete', 'botruntime', SECOND_POOL.metadata.name, '--ignore-not-found', '--timeout=60s']);
  });

  async function place(isolation: 'Pooled' | 'Dedicated', runtimeRef?: { name: string; namespace: string }): Promise<void> {
    const template = { spec: { isolation, source: { botSpec: counter } } };
    await env.kubectl(['apply', '-f', '-'], manifests(NAME, token, undefined, { template, ...(runtimeRef ? { runtimeRef } : {}) }));
  }

  /** Where the route sends new work; who reads it knows what the operator decided. */
  async function routedTo(): Promise<string> {
    const { value } = (await new TypedBucket<RouteRecord>(nats.jsm, BUCKETS.routes).get(`default_${NAME}`)) ?? {};
    return value?.revisions[value.split[0]?.revision ?? '']?.runtime ?? 'nowhere';
  }

  const isReady = ({ metadata, status }: RuntimePod): boolean => metadata.deletionTimestamp === undefined && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

  /** Steps that each kind of runtime pod has done so far, by its own metrics. */
  async function steps(): Promise<Map<string, number>> {
    const { items } = JSON.parse(await env.kubectl(['get', 'pods', '-A', '-l', 'app.kubernetes.io/name=botplane-runtime', '-o', 'json'])) as { items: RuntimePod[] };
    const counted = new Map<string, number>();
    for (const pod of items.filter(isReady)) {
      const text = await (await fetch(`http://${pod.status.podIP}:8080/metrics`)).text();
      const label = pod.metadata.labels['botplane.dev/runtime'] ?? '';
      counted.set(label, (counted.get(label) ?? 0) + Number(/^botplane_runtime_runs_total\{outcome="ok"\} (\d+)$/m.exec(text)?.[1]));
    }
    return counted;
  }

  /** Until every chat had this many more answers to what it writes from now on. */
  async function moreAnswers(count: number): Promise<void> {
    const marks = talks.map(({ sent }) => sent + count);
    await expect.poll(() => talks.filter(({ answered }, n) => answered < (marks[n] ?? 0)).length, { ...MOVED, message: 'chats without an answer' }).toBe(0);
  }

  /** The pods that did the work of some answers of each chat, where all of it was done in one place. */
  async function served(): Promise<string[]> {
    await moreAnswers(0);
    const before = await steps();
    await moreAnswers(ANSWERS);
    const after = await steps();
    const more = [...after].map(([label, count]) => [label, count - (before.get(label) ?? 0)] as const).filter(([, count]) => count > 0);
    return more.map(([label, count]) => (count >= CHATS * ANSWERS ? label : `${label}: ${count} steps only`));
  }

  it('begins in the pool of the install', async () => {
    expect(await routedTo()).toBe('botplane-system_default');
    await expect.poll(served, MOVED).toEqual(['default']);
  });

  it('isolation: Dedicated: pods of its revision do all of its work', async () => {
    await place('Dedicated');
    await expect.poll(routedTo, MOVED).toMatch(/^default_Dedicated\.mover-/);
    await expect.poll(served, MOVED).toEqual([(await routedTo()).replace('default_', '')]);
  });

  it('isolation: Pooled: the pool of the install does', async () => {
    await place('Pooled');
    await expect.poll(routedTo, MOVED).toBe('botplane-system_default');
    await expect.poll(served, MOVED).toEqual(['default']);
  });

  it('another runtimeRef, whose pool is made in the same moment: its pods do', async () => {
    await env.kubectl(['apply', '-f', '-'], JSON.stringify(SECOND_POOL));
    await place('Pooled', SECOND_POOL.metadata);
    await expect.poll(routedTo, MOVED).toBe('default_moving');
    await expect.poll(served, MOVED).toEqual(['moving']);
  });

  it('back, and that pool is deleted as soon as the route has left it', async () => {
    await place('Pooled');
    await expect.poll(routedTo, MOVED).toBe('botplane-system_default');
    await env.kubectl(['delete', 'botruntime', SECOND_POOL.metadata.name, '--timeout=60s']);
    await expect.poll(served, MOVED).toEqual(['default']);
  });

  it('every message was answered once and in order', async () => {
    stopping.abort();
    await talking;
    for (const talk of talks) expect(await talk.answers()).toEqual(Array.from({ length: talk.sent }, (_, n) => `${n + 1} ${n + 1}`));
    const said = (await env.simulator.calls(token, '&method=sendMessage')).filter(({ status }) => status === 200);
    expect(said).toHaveLength(talks.reduce((sum, { sent }) => sum + sent, 0));
  });
});
