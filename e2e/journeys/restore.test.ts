import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Environment, LOCAL_DIR, ROOT } from '../src/environment.ts';
import { localEnvironment } from '../src/local-cli.ts';
import { greeter, manifests } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';
import type { Person } from '../src/simulator.ts';

/** What docs/backup.md tells to stop before a restore, and the servers whose state is lost. */
const SERVICES = ['ingress', 'executor', 'delivery', 'api', 'operator'];
const SERVERS = ['nats', 'postgres', 's3'];
const SAVED = join(LOCAL_DIR, 'backup-of-journey');

describe('[A6] a backup brings everything back', () => {
  let env: Environment;
  let token: string;
  let person: Person;
  let key: string;
  const botplane = (...args: string[]): Promise<{ stdout: string; stderr: string }> => promisify(execFile)(process.execPath, [join(ROOT, 'tools/cli/bin/botplane.mjs'), ...args], { env: { ...process.env, ...env.vars } });
  const sent = async (): Promise<unknown[]> => (await env.simulator.calls(token, '&method=sendMessage')).map(({ params }) => params['text']);

  const api = (path: string, bearer: string, body?: object): Promise<Response> => fetch(`${env.var('BOTPLANE_API_URL')}${path}`, {
    headers: { authorization: `Bearer ${bearer}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });

  beforeAll(async () => {
    env = new Environment();
    const made = await api('/admin/keys', readFileSync(env.var('BOTPLANE_API_ADMIN_KEY_FILE'), 'utf8').trim(), { name: 'restore-journey', scopes: ['audit:read'] });
    ({ key } = (await made.json()) as { key: string });
    await rm(SAVED, { recursive: true, force: true });
    ({ token } = await env.simulator.makeBot('traveller'));
    await env.kubectl(['apply', '-f', '-'], manifests('traveller', token, greeter('Hi')));
    await env.waitFor('bot/traveller', 'Ready');
    person = env.simulator.person(token, { id: newUserId(), first_name: 'Ada', language_code: 'en' });
    await person.say('/start');
    expect(await person.hearsText()).toBe('Hi 1');
    await person.say('/trip');
    expect(await person.hearsText()).toBe('Hi: where to?');
    await person.say('Ghent');
    expect(await person.hearsText()).toBe('How many days in Ghent?');
  });
  afterAll(() => rm(SAVED, { recursive: true, force: true }));

  it('the conversation goes on where it stood after NATS, PostgreSQL and the object store lost everything, and nothing is sent twice', async () => {
    expect((await botplane('backup', SAVED)).stdout).toContain('conversations as of');
    // Bots work on while and after they are saved; what is said from now on is not in the backup.
    await person.say('later');
    expect(await person.hearsText()).not.toBe('');
    const before = await sent();

    try {
      for (const name of [...SERVICES, ...SERVERS]) await localEnvironment(['stop', name]);
      for (const name of SERVERS) await rm(join(LOCAL_DIR, 'data', name), { recursive: true });
      for (const name of SERVERS) await localEnvironment(['start', name]);
      expect((await botplane('restore', SAVED)).stdout).toContain('restored as of');
    } finally {
      for (const name of [...SERVERS, ...SERVICES]) await localEnvironment(['start', name]);
    }

    await person.say('3');
    expect(await person.hearsText()).toBe('Hi: off to Ghent!');
    await person.say('/start');
    expect(await person.hearsText()).toBe('Hi 2');
    expect(await sent()).toEqual([...before, 'Hi: off to Ghent!', 'Hi 2']);
  });

  it('the api knows the keys that it gave, and who made them', async () => {
    const audit = await api('/admin/audit?limit=200', key);
    expect(await audit.text()).toContain('restore-journey');
  });
});
