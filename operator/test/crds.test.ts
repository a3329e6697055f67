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
});
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
    ['a strategy that does not exist', bot('echo', { botSpec, rollout: { strategy: 'BlueGreen' } }), 'supported values: "AllAtOnce", "Canary", "Manual"'],
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

describe('[P7] kubectl apply tells what is wrong with a rollout', () => {
  const steps = [{ setWeight: 10 }, { pause: { duration: '10m' } }, { setWeight: 50 }, { analysis: {} }];
  const rollout = (extra: object) => bot('rolls', { botSpec: echoSpec('one'), rollout: { strategy: 'Canary', steps, ...extra } });
  it.each([
    ['Canary without steps', rollout({ steps: undefined }), 'spec.rollout.steps: Invalid value: strategy Canary needs steps, but there is none'],
    ['a pause in days', rollout({ steps: [{ pause: { duration: '2d' } }] }), 'duration must be a time span such as 90s, 10m or 1h30m, not 2d'],
    ['a step that does not exist', rollout({ steps: [{ setwait: 10 }] }), 'unknown field "spec.rollout.steps[0].setwait"'],
    ['a delay that does not exist', bot('rolls', { botSpec: echoSpec('one'), sunset: { delay: '1h' } }), 'unknown field "spec.sunset.delay"'],
  ])('%s', async (_what, object, message) => {
    expect((await apply(object)).replaceAll('\n', ' ')).toContain(message);
  });

  it('and takes what is right, with defaults that people can see', async () => {
    const analysis = [{ name: 'errors', metric: 'ErrorPercent', max: 2.5 }, { name: 'orders', prometheus: { query: 'sum(rate(orders[5m]))' }, min: 1, interval: '1h', onError: 'Abort' }];
    expect(await apply(rollout({ analysis, tests: 'Required', onFailure: 'Pause', paused: true, promote: { revision: 'rolls-1', step: 3 }, abort: 'rolls-2', retry: 'again', rollbackWindow: '0s' }))).toContain('created');
    expect(await kubectl(['get', 'bot', 'rolls', '-o', 'jsonpath={.spec.rollout.analysis[0].interval} {.spec.rollout.analysis[0].failureLimit} {.spec.sunset.scaledownDelay} {.spec.deletionPolicy}'])).toBe('30s 1 1h Retain');
    for (const extra of [{ steps: [{ pause: {} }], analysis: [] }, { strategy: 'AllAtOnce', steps: undefined }, { strategy: 'Manual', steps: undefined }]) expect(await apply(rollout(extra))).toContain('configured');
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
  expect(await kubectl(['get', 'bots'])).toMatch(/^NAME +READY +REASON +AVAILABLE +REVISION +CANARY +WEIGHT +STEP +PINNED +AGE/);
  expect(await kubectl(['get', 'botplane'])).toContain('bot.botplane.dev/columns');
  expect(await kubectl(['get', 'bot', '--field-selector=spec.tokenSecretRef.name=other'])).toContain('No resources found');
});

it('scales a BotRuntime through its subresource', async () => {
  await apply({ apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', metadata: { name: 'pool', namespace: 'default' }, spec: {} });
  expect(await kubectl(['scale', 'botrt/pool', '--replicas=3'])).toContain('scaled');
  expect(await kubectl(['get', 'botrt/pool', '-o', 'jsonpath={.spec.replicas}'])).toBe('3');
});
