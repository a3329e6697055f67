import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { greeter, manifests } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';

/** What the journey reads of a Bot's status. */
interface RollingStatus {
  stableRevision?: string;
  canaryRevision?: string;
  failedRevisions?: { revision: string; reason: string }[];
}

/** People of whom half meet a canary at 50 %, and how long a change may take to reach them all. */
const PEOPLE = 16;
const SOON = { timeout: 30_000 };
/** Half a number is no integer: the step fails for people with an odd id. */
const FAILING_STEP = { save: { visits: '= context.user.id * 0.5' } };

describe('[P7] a rollout as a person sees it', () => {
  let env: Environment;
  let token = '';
  let nextId = newUserId();

  beforeAll(async () => {
    env = new Environment();
    ({ token } = await env.simulator.makeBot('roller'));
    await apply(greeter('first'));
    await env.waitFor('bot/roller', 'Ready', 60);
  });

  afterAll(async () => {
    await env.kubectl(['delete', 'bot', 'roller', '--timeout=60s']);
  });

  const apply = (botSpec: Record<string, unknown>): Promise<string> => {
    const analysis = [{ name: 'errors', metric: 'ErrorPercent', max: 10, minUpdates: 4, interval: '2s' }];
    return env.kubectl(['apply', '-f', '-'], manifests('roller', token, botSpec, { rollout: { strategy: 'Canary', steps: [{ setWeight: 50 }, { pause: {} }], analysis } }));
  };
  const status = async (): Promise<RollingStatus> => (await env.getJson<{ status?: RollingStatus }>('bot/roller')).status ?? {};

  /** Somebody who was never there says hello; the first word of the answer tells which revision spoke. */
  async function newcomerMeets(): Promise<string> {
    const person = env.simulator.person(token, { id: nextId++, first_name: 'Nora', language_code: 'en' });
    await person.say('/start');
    return (await person.hearsText()).split(' ')[0] ?? '';
  }

  const newcomersMeet = async (): Promise<string[]> => [...new Set(await Promise.all(Array.from({ length: PEOPLE }, newcomerMeets)))].toSorted();

  it('a new template gets half of the chats, and all of them by kubectl botplane promote', async () => {
    const before = (await status()).stableRevision;
    await apply(greeter('second'));
    await env.kubectl(['wait', '--for=jsonpath={.status.canaryWeight}=50', 'bot/roller', '--timeout=60s']);
    await expect.poll(newcomersMeet, SOON).toEqual(['first', 'second']);
    const { stableRevision, canaryRevision = '' } = await status();
    expect(stableRevision).toBe(before);

    expect(await env.kubectl(['botplane', 'promote', 'roller'])).toContain(`${canaryRevision} gets all traffic`);
    await env.kubectl(['wait', `--for=jsonpath={.status.stableRevision}=${canaryRevision}`, 'bot/roller', '--timeout=60s']);
    await expect.poll(newcomersMeet, SOON).toEqual(['second']);
  });

  it('one that fails for half of the people is aborted by itself, and an Event says why', async () => {
    const failing = greeter('failing');
    const { welcome } = failing['flows'] as { welcome: { steps: object[] } };
    welcome.steps.push(FAILING_STEP);
    await apply(failing);
    await env.kubectl(['wait', '--for=jsonpath={.status.canaryWeight}=50', 'bot/roller', '--timeout=60s']);
    const given = async () => (await newcomersMeet(), (await status()).failedRevisions?.[0]);
    await expect.poll(given, { timeout: 60_000 }).toMatchObject({ reason: 'AnalysisFailed' });
    await expect.poll(newcomersMeet, SOON).toEqual(['second']);
    const revision = (await status()).failedRevisions?.[0]?.revision ?? '';
    await expect.poll(() => env.kubectl(['get', 'events', '--field-selector', 'reason=RolloutFailed']), SOON).toContain(`gave up ${revision}`);
    // What a Git controller does again and again.
    await apply(failing);
    expect(await newcomersMeet()).toEqual(['second']);
  });

  it('kubectl botplane abort takes a canary back, undo the revision that serves', async () => {
    await apply(greeter('third'));
    await env.kubectl(['wait', '--for=jsonpath={.status.canaryWeight}=50', 'bot/roller', '--timeout=60s']);
    await env.kubectl(['botplane', 'abort', 'roller']);
    await expect.poll(async () => (await status()).failedRevisions?.[0]?.reason, SOON).toBe('RolloutAborted');
    await expect.poll(newcomersMeet, SOON).toEqual(['second']);

    await env.kubectl(['botplane', 'undo', 'roller']);
    await expect.poll(newcomersMeet, SOON).toEqual(['first']);
  });
});
