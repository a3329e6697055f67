import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startControlPlane, toolPath } from '@botplane/testing';
import type { TestControlPlane } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { echoSpec } from './support/world.ts';

const run = promisify(execFile);
let cluster: TestControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane({ crds: true });
}, 60_000);
afterAll(async () => cluster?.stop());

/** What a person sees at the terminal. */
async function kubectl(args: string[], object?: unknown): Promise<string> {
  const child = run(toolPath('kubectl'), [`--kubeconfig=${cluster.kubeconfig}`, ...args]);
  if (object !== undefined) child.child.stdin?.end(stringify(object));
  return child.then(({ stdout, stderr }) => stdout + stderr, (error: { stdout: string; stderr: string }) => error.stdout + error.stderr);
}
const apply = (object: unknown): Promise<string> => kubectl(['apply', '-f', '-'], object);

const bot = (name: string, spec: object) => ({ apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name, namespace: 'default' }, spec: { platform: 'Telegram', tokenSecretRef: { name: 'echo' }, ...spec } });
const revision = (name: string, spec: object) => ({ apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRevision', metadata: { name, namespace: 'default' }, spec });

describe('[C6] kubectl apply tells what is wrong', () => {
  const botSpec = echoSpec('one');
  it.each([
    ['neither botSpec nor template', bot('echo', {}), 'exactly one of botSpec and template is required'],
    ['both botSpec and template', bot('echo', { botSpec, template: { spec: { source: { botSpec } } } }), 'exactly one of botSpec and template is required'],
    ['a name that is too long', bot('a'.repeat(39), { botSpec }), 'at most 38 characters'],
    ['a name that begins with a digit', bot('1echo', { botSpec }), 'must begin with a letter'],
    ['a field that does not exist', bot('echo', { botSpec, rolout: {} }), 'unknown field "spec.rolout"'],
    ['a field of the language that does not exist', bot('echo', { botSpec: { ...botSpec, flow: {} } }), 'unknown field "spec.botSpec.flow"'],
    ['a strategy that does not exist', bot('echo', { botSpec, rollout: { strategy: 'Canary' } }), 'supported values: "AllAtOnce"'],
    ['another platform', { ...bot('echo', { botSpec }), spec: { ...bot('echo', { botSpec }).spec, platform: 'Signal' } }, 'supported values: "Telegram"'],
    ['a revision without source', revision('r', { botRef: { name: 'echo' }, source: {} }), 'exactly one of: botSpec'],
  ])('%s', async (_what, object, message) => {
    expect(await apply(object)).toContain(message);
  });

  it('a change of a BotRevision, also deep inside what the schema leaves open', async () => {
    const withText = (text: string) => revision('echo-1', { botRef: { name: 'echo' }, source: { botSpec: echoSpec(text) } });
    expect(await apply(withText('one'))).toContain('created');
    expect(await apply(withText('two'))).toContain('a BotRevision cannot be changed');
    expect(await apply(withText('one'))).toContain('unchanged');
  });
});

it('keeps the null that forgets a state key; kubectl apply, which drops it, is answered by the compiler', async () => {
  const spec = { ...echoSpec('one'), flows: { hello: { steps: [{ save: { city: null } }, { reply: { text: 'one' } }] } }, state: { city: { type: 'string' } } };
  const saved = (name: string) => kubectl(['get', 'bot', name, '-o', 'jsonpath={.spec.botSpec.flows.hello.steps[0]}']);
  expect(await kubectl(['apply', '--server-side', '-f', '-'], bot('forgets', { botSpec: spec }))).toContain('applied');
  expect(await saved('forgets')).toBe('{"save":{"city":null}}');
  expect(await apply(bot('dropped', { botSpec: spec }))).toContain('created');
  expect(await saved('dropped')).toBe('{"save":{}}');
});

it.each([
  ['bot.spec', 'The bot itself, written in the BotSpec language'],
  ['bot.spec.revisionName', 'Pins this BotRevision'],
  ['bot.spec.botSpec.flows', 'FIELDS:'],
  ['bot.status.conditions', 'Available: an update sent now is answered'],
  ['botrevision.spec', 'It cannot be changed'],
  ['botrt.spec.sandbox', 'Limits of the sandboxes'],
])('[C6] kubectl explain %s is documentation', async (path, words) => {
  expect((await kubectl(['explain', path])).replace(/\s+/g, ' ')).toContain(words);
});

it('prints the columns that people look for', async () => {
  await apply(bot('columns', { botSpec: echoSpec('one') }));
  expect(await kubectl(['get', 'bots'])).toMatch(/^NAME +READY +REASON +AVAILABLE +REVISION +PINNED +AGE/);
  expect(await kubectl(['get', 'botplane'])).toContain('bot.botplane.dev/columns');
  expect(await kubectl(['get', 'bot', '--field-selector=spec.tokenSecretRef.name=other'])).toContain('No resources found');
});

it('scales a BotRuntime through its subresource', async () => {
  await apply({ apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', metadata: { name: 'pool', namespace: 'default' }, spec: {} });
  expect(await kubectl(['scale', 'botrt/pool', '--replicas=3'])).toContain('scaled');
  expect(await kubectl(['get', 'botrt/pool', '-o', 'jsonpath={.spec.replicas}'])).toBe('3');
});
