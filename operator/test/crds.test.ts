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
  const check = (extra: object) => rollout({ analysis: [{ name: 'errors', ...extra }] });
  it.each([
    ['Canary without steps', rollout({ steps: undefined }), 'spec.rollout.steps: Invalid value: strategy Canary needs steps'],
    ['Canary with no step', rollout({ steps: [] }), 'strategy Canary needs steps'],
    ['an empty step', rollout({ steps: [{}] }), 'spec.rollout.steps[0]: Invalid value: a step has exactly one of setWeight, pause and analysis'],
    ['a step of two kinds', rollout({ steps: [{ setWeight: 5 }, { setWeight: 10, pause: {} }] }), 'spec.rollout.steps[1]: Invalid value: a step has exactly one of setWeight, pause and analysis'],
    ['too many steps', rollout({ steps: Array.from({ length: 21 }, () => ({ pause: {} })) }), 'spec.rollout.steps: Too many: 21: must have at most 20 items'],
    ['a weight above 100', rollout({ steps: [{ setWeight: 101 }] }), 'spec.rollout.steps[0].setWeight: Invalid value: 101: spec.rollout.steps[0].setWeight in body should be less than or equal to 100'],
    ['a weight below 0', rollout({ steps: [{ setWeight: -1 }] }), 'spec.rollout.steps[0].setWeight: Invalid value: -1'],
    ['a weight in words', rollout({ steps: [{ setWeight: '10%' }] }), 'spec.rollout.steps[0].setWeight: Invalid value: "string": spec.rollout.steps[0].setWeight in body must be of type integer: "string"'],
    ['a pause in days', rollout({ steps: [{ pause: { duration: '2d' } }] }), 'spec.rollout.steps[0].pause.duration: Invalid value: "2d"'],
    ['a pause as a number', rollout({ steps: [{ pause: { duration: 60 } }] }), 'spec.rollout.steps[0].pause.duration: Invalid value: "integer"'],
    ['a step that does not exist', rollout({ steps: [{ setwait: 10 }] }), 'unknown field "spec.rollout.steps[0].setwait"'],
    ['no measurement', rollout({ steps: [{ analysis: { measurements: 0 } }] }), 'spec.rollout.steps[0].analysis.measurements: Invalid value: 0'],
    ['an analysis step without a check', rollout({ analysis: [] }), 'spec.rollout.analysis: Invalid value: a step analysis needs a check, but analysis is empty'],
    ['a check of neither kind', check({ max: 1 }), 'spec.rollout.analysis[0]: Invalid value: a check has exactly one of metric and prometheus'],
    ['a check of both kinds', check({ max: 1, metric: 'ErrorPercent', prometheus: { query: 'up' } }), 'a check has exactly one of metric and prometheus'],
    ['a check without a limit', check({ metric: 'ErrorPercent' }), 'spec.rollout.analysis[0]: Invalid value: a check needs max, min or both'],
    ['a metric that does not exist', check({ max: 1, metric: 'ErrorRate' }), 'spec.rollout.analysis[0].metric: Unsupported value: "ErrorRate": supported values: "ErrorPercent", "StepMsP95", "SandboxKills", "DeadLetters"'],
    ['a limit in words', check({ max: '5', metric: 'ErrorPercent' }), 'spec.rollout.analysis[0].max: Invalid value: "string"'],
    ['an interval below a second', check({ max: 1, metric: 'ErrorPercent', interval: '0s' }), 'spec.rollout.analysis[0].interval: Invalid value: interval must be between 1s and 1h'],
    ['an interval above an hour', check({ max: 1, metric: 'ErrorPercent', interval: '61m' }), 'interval must be between 1s and 1h'],
    ['an empty query', check({ max: 1, prometheus: { query: '' } }), 'spec.rollout.analysis[0].prometheus.query: Invalid value: ""'],
    ['an onError that does not exist', check({ max: 1, metric: 'ErrorPercent', onError: 'Promote' }), 'spec.rollout.analysis[0].onError: Unsupported value: "Promote": supported values: "Wait", "Ignore", "Abort"'],
    ['a failureLimit of 0', check({ max: 1, metric: 'ErrorPercent', failureLimit: 0 }), 'spec.rollout.analysis[0].failureLimit: Invalid value: 0'],
    ['a check without a name', rollout({ analysis: [{ metric: 'ErrorPercent', max: 1 }] }), 'spec.rollout.analysis[0].name: Required value'],
    ['two checks of one name', rollout({ analysis: [{ name: 'a', metric: 'ErrorPercent', max: 1 }, { name: 'a', metric: 'StepMsP95', max: 1 }] }), 'spec.rollout.analysis[1]: Duplicate value'],
    ['a promotion of nothing', rollout({ promote: { step: 1 } }), 'spec.rollout.promote.revision: Required value'],
    ['a promotion as a word', rollout({ promote: 'full' }), 'spec.rollout.promote: Invalid value: "string"'],
    ['a promotion to step 21', rollout({ promote: { revision: 'r', step: 21 } }), 'spec.rollout.promote.step: Invalid value: 21'],
    ['an abort of everything', rollout({ abort: true }), 'spec.rollout.abort: Invalid value: "boolean"'],
    ['an empty retry', rollout({ retry: '' }), 'spec.rollout.retry: Invalid value: ""'],
    ['a tests gate that does not exist', rollout({ tests: 'Maybe' }), 'spec.rollout.tests: Unsupported value: "Maybe": supported values: "Required", "Ignored"'],
    ['an onFailure that does not exist', rollout({ onFailure: 'Promote' }), 'spec.rollout.onFailure: Unsupported value: "Promote": supported values: "Abort", "Pause"'],
    ['a window in words', rollout({ rollbackWindow: 'an hour' }), 'spec.rollout.rollbackWindow: Invalid value: "an hour"'],
    ['a deadline of a second', rollout({ progressDeadlineSeconds: 1 }), 'spec.rollout.progressDeadlineSeconds: Invalid value: 1'],
    ['a sunset in days', bot('rolls', { botSpec: echoSpec('one'), sunset: { scaledownDelay: '1d' } }), 'spec.sunset.scaledownDelay: Invalid value: "1d"'],
    ['a delay that does not exist', bot('rolls', { botSpec: echoSpec('one'), sunset: { delay: '1h' } }), 'unknown field "spec.sunset.delay"'],
    ['a deletion policy that does not exist', bot('rolls', { botSpec: echoSpec('one'), deletionPolicy: 'Orphan' }), 'spec.deletionPolicy: Unsupported value: "Orphan": supported values: "Retain", "Delete"'],
    ['101 revisions kept', bot('rolls', { botSpec: echoSpec('one'), revisionHistoryLimit: 101 }), 'spec.revisionHistoryLimit: Invalid value: 101'],
    ['an empty pin', bot('rolls', { botSpec: echoSpec('one'), revisionName: '' }), 'spec.revisionName: Invalid value: ""'],
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
