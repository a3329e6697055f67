import { beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { localEnvironment } from '../src/local-cli.ts';
import { manifests } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';
import type { Person } from '../src/simulator.ts';

/** Counts what it was told, one conversation without end: each answer proves that conversation and state are still there. */
const counter = {
  meta: { name: 'Counter', locales: ['en'], defaultLocale: 'en' },
  state: { told: { type: 'integer', default: 0 }, last: { type: 'string' } },
  commands: [{ command: 'start', description: 'Start', flow: 'count' }],
  flows: {
    count: {
      steps: [
        { id: 'more', ask: { text: '{{state.told}} {{state.last}}', save: 'last' } },
        { save: { told: '= state.told + 1' } },
        { goto: 'more' },
      ],
    },
  },
};

const PROCESSES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'postgres', 'nats', 's3', 'simulator', 'local-node', 'operator', 'ingress', 'executor', 'delivery'];

describe('[A6] a conversation goes on when any process stops and starts', () => {
  let env: Environment;
  let person: Person;
  let told = 0;

  async function tellsAndIsCounted(word: string): Promise<void> {
    await person.say(word);
    told += 1;
    expect(await person.hearsText()).toBe(`${told} ${word}`);
  }

  beforeAll(async () => {
    env = new Environment();
    const { token } = await env.simulator.makeBot('counter');
    await env.kubectl(['apply', '-f', '-'], manifests('counter', token, counter));
    await env.waitFor('bot/counter', 'Ready', 20);
    person = env.simulator.person(token, { id: newUserId(), first_name: 'Eve', language_code: 'en' });
    await person.say('/start');
    expect(await person.hearsText()).toBe('0');
  });

  it.each(PROCESSES)('%s stopped and started', async (name) => {
    await localEnvironment(['restart', name]);
    await tellsAndIsCounted(`after-${name}`);
  });

  it.each(['ingress', 'executor', 'delivery', 'nats'])('%s away while the message is sent', async (name) => {
    await localEnvironment(['stop', name]);
    await person.say(`without-${name}`);
    told += 1;
    await localEnvironment(['start', name]);
    expect(await person.hearsText()).toBe(`${told} without-${name}`);
  });

  it('the runtime pod deleted', async () => {
    await env.kubectl(['delete', 'pods', '-n', 'botplane-system', '-l', 'botplane.dev/runtime=default', '--wait=false']);
    await tellsAndIsCounted('after-runtime');
  });

  it('everything down and up again', async () => {
    await localEnvironment(['down']);
    await localEnvironment(['up']);
    await tellsAndIsCounted('after-all');
    await env.kubectl(['delete', 'bot', 'counter', '--timeout=60s']);
  });
});
