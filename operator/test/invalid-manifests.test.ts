import { BOTS, BOT_REVISIONS, BOT_RUNTIMES, K8sClient, K8sError } from '@botplane/k8s';
import type { ResourceType } from '@botplane/k8s';
import { startControlPlane } from '@botplane/testing';
import type { TestControlPlane } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoSpec } from './support/world.ts';

let cluster: TestControlPlane;
let client: K8sClient;
beforeAll(async () => {
  cluster = await startControlPlane({ crds: true });
  client = new K8sClient({ kubeconfigPath: cluster.kubeconfig });
}, 120_000);
afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

const botSpec = echoSpec('one');
const bot = (spec: object): object => ({ platform: 'Telegram', tokenSecretRef: { name: 'echo' }, botSpec, ...spec });
const steps = [{ setWeight: 10 }, { pause: { duration: '10m' } }, { setWeight: 50 }, { analysis: {} }];
const rollout = (extra: object): object => bot({ rollout: { strategy: 'Canary', steps, ...extra } });
const check = (extra: object): object => rollout({ analysis: [{ name: 'errors', ...extra }] });
const errors = (extra: object): object => check({ max: 1, metric: 'ErrorPercent', ...extra });
const revision = (extra: object): object => ({ botRef: { name: 'echo' }, source: { botSpec }, ...extra });
const pool = (sandbox: object): object => ({ sandbox });
const digest = 'a'.repeat(64);

/** What the manifest does, the manifest, where it is wrong, what the answer says was found there, and what would be right. */
type Row = [what: string, spec: object, path: string, found: string, remedy: string];

const ROLLOUTS: Row[] = [
  ['Canary without steps', rollout({ steps: undefined }), 'spec.rollout.steps', 'there is none', 'strategy Canary needs steps'],
  ['Canary with no step', rollout({ steps: [] }), 'spec.rollout.steps', 'there is none', 'strategy Canary needs steps'],
  ['a strategy that does not exist', rollout({ strategy: 'BlueGreen' }), 'spec.rollout.strategy', '"BlueGreen"', 'supported values: "AllAtOnce", "Canary", "Manual"'],
  ['an empty step', rollout({ steps: [{}] }), 'spec.rollout.steps[0]', 'not none', 'exactly one of setWeight, pause and analysis'],
  ['a step of two kinds', rollout({ steps: [{ setWeight: 5 }, { setWeight: 10, pause: {} }] }), 'spec.rollout.steps[1]', 'not several', 'exactly one of setWeight, pause and analysis'],
  ['a step of three kinds', rollout({ steps: [{ setWeight: 5 }, { setWeight: 5, pause: {}, analysis: {} }] }), 'spec.rollout.steps[1]', 'not several', 'exactly one of setWeight, pause and analysis'],
  ['too many steps', rollout({ steps: Array.from({ length: 21 }, () => ({ pause: {} })) }), 'spec.rollout.steps', '21', 'must have at most 20 items'],
  ['a weight above 100', rollout({ steps: [{ setWeight: 101 }] }), 'spec.rollout.steps[0].setWeight', '101', 'should be less than or equal to 100'],
  ['a weight below 0', rollout({ steps: [{ setWeight: -1 }] }), 'spec.rollout.steps[0].setWeight', '-1', 'should be greater than or equal to 0'],
  ['a weight in words', rollout({ steps: [{ setWeight: '10%' }] }), 'spec.rollout.steps[0].setWeight', '"string"', 'must be of type integer'],
  ['a pause in days', rollout({ steps: [{ pause: { duration: '2d' } }] }), 'spec.rollout.steps[0].pause.duration', 'not 2d', 'a time span such as 90s, 10m or 1h30m'],
  ['a pause as a number', rollout({ steps: [{ pause: { duration: 60 } }] }), 'spec.rollout.steps[0].pause.duration', '"integer"', 'must be of type string'],
  ['a pause as a word', rollout({ steps: [{ pause: '10m' }] }), 'spec.rollout.steps[0].pause', '"string"', 'must be of type object'],
  ['no measurement', rollout({ steps: [{ setWeight: 5 }, { analysis: { measurements: 0 } }] }), 'spec.rollout.steps[1].analysis.measurements', '0', 'should be greater than or equal to 1'],
  ['too many measurements', rollout({ steps: [{ setWeight: 5 }, { analysis: { measurements: 101 } }] }), 'spec.rollout.steps[1].analysis.measurements', '101', 'should be less than or equal to 100'],
  ['an analysis step without a check', rollout({ analysis: [] }), 'spec.rollout.analysis', 'analysis is empty', 'a step analysis needs a check'],
  ['an analysis step before there is any traffic', rollout({ steps: [{ pause: {} }, { analysis: {} }, { setWeight: 10 }] }), 'spec.rollout.steps', 'there is none', 'needs a setWeight above 0 before it'],
  ['an analysis step after all traffic was taken back', rollout({ steps: [...steps, { setWeight: 0 }, { analysis: {} }] }), 'spec.rollout.steps', 'there is none', 'needs a setWeight above 0 before it'],
  ['a check of neither kind', check({ max: 1 }), 'spec.rollout.analysis[0]', 'not neither', 'exactly one of metric and prometheus'],
  ['a check of both kinds', errors({ prometheus: { query: 'up' } }), 'spec.rollout.analysis[0]', 'not both', 'exactly one of metric and prometheus'],
  ['a check without a limit', check({ metric: 'ErrorPercent' }), 'spec.rollout.analysis[0]', 'has neither', 'a check needs max, min or both'],
  ['a metric that does not exist', check({ max: 1, metric: 'ErrorRate' }), 'spec.rollout.analysis[0].metric', '"ErrorRate"', 'supported values: "ErrorPercent", "StepMsP95", "SandboxKills", "DeadLetters"'],
  ['a limit in words', check({ max: '5', metric: 'ErrorPercent' }), 'spec.rollout.analysis[0].max', '"string"', 'must be of type number'],
  ['an interval below a second', errors({ interval: '0s' }), 'spec.rollout.analysis[0].interval', 'not 0s', 'between 1s and 1h'],
  ['an interval above an hour', errors({ interval: '61m' }), 'spec.rollout.analysis[0].interval', 'not 61m', 'between 1s and 1h'],
  ['an interval with a fraction', errors({ interval: '1.5m' }), 'spec.rollout.analysis[0].interval', 'not 1.5m', 'a time span such as 90s, 10m or 1h30m'],
  ['an empty query', check({ max: 1, prometheus: { query: '' } }), 'spec.rollout.analysis[0].prometheus.query', '""', 'should be at least 1 chars long'],
  ['no query', check({ max: 1, prometheus: {} }), 'spec.rollout.analysis[0].prometheus.query', 'Required value', 'Required value'],
  ['an onError that does not exist', errors({ onError: 'Promote' }), 'spec.rollout.analysis[0].onError', '"Promote"', 'supported values: "Wait", "Ignore", "Abort"'],
  ['a failureLimit of 0', errors({ failureLimit: 0 }), 'spec.rollout.analysis[0].failureLimit', '0', 'should be greater than or equal to 1'],
  ['an errorLimit of 101', errors({ errorLimit: 101 }), 'spec.rollout.analysis[0].errorLimit', '101', 'should be less than or equal to 100'],
  ['no update at all', errors({ minUpdates: 0 }), 'spec.rollout.analysis[0].minUpdates', '0', 'should be greater than or equal to 1'],
  ['a check without a name', rollout({ analysis: [{ metric: 'ErrorPercent', max: 1 }] }), 'spec.rollout.analysis[0].name', 'Required value', 'Required value'],
  ['a name that is no label', rollout({ analysis: [{ name: 'My check', metric: 'ErrorPercent', max: 1 }] }), 'spec.rollout.analysis[0].name', '"My check"', 'should match'],
  ['two checks of one name', rollout({ analysis: [{ name: 'a', metric: 'ErrorPercent', max: 1 }, { name: 'a', metric: 'StepMsP95', max: 1 }] }), 'spec.rollout.analysis[1]', '"a"', 'Duplicate value'],
  ['too many checks', rollout({ analysis: Array.from({ length: 11 }, (_, n) => ({ name: `a${n}`, metric: 'ErrorPercent', max: 1 })) }), 'spec.rollout.analysis', '11', 'must have at most 10 items'],
  ['a promotion of nothing', rollout({ promote: { step: 1 } }), 'spec.rollout.promote.revision', 'Required value', 'Required value'],
  ['a promotion as a word', rollout({ promote: 'full' }), 'spec.rollout.promote', '"string"', 'must be of type object'],
  ['a promotion to step 21', rollout({ promote: { revision: 'r', step: 21 } }), 'spec.rollout.promote.step', '21', 'should be less than or equal to 20'],
  ['an abort of everything', rollout({ abort: true }), 'spec.rollout.abort', '"boolean"', 'must be of type string'],
  ['a pause of the rollout in words', rollout({ paused: 'yes' }), 'spec.rollout.paused', '"string"', 'must be of type boolean'],
  ['an empty retry', rollout({ retry: '' }), 'spec.rollout.retry', '""', 'should be at least 1 chars long'],
  ['a tests gate that does not exist', rollout({ tests: 'Maybe' }), 'spec.rollout.tests', '"Maybe"', 'supported values: "Required", "Ignored"'],
  ['an onFailure that does not exist', rollout({ onFailure: 'Promote' }), 'spec.rollout.onFailure', '"Promote"', 'supported values: "Abort", "Pause"'],
  ['a window in words', rollout({ rollbackWindow: 'an hour' }), 'spec.rollout.rollbackWindow', 'not an hour', 'a time span such as 90s, 10m or 1h30m'],
  ['a deadline of a second', rollout({ progressDeadlineSeconds: 1 }), 'spec.rollout.progressDeadlineSeconds', '1', 'should be greater than or equal to 10'],
  ['a deadline of two days', rollout({ progressDeadlineSeconds: 172_800 }), 'spec.rollout.progressDeadlineSeconds', '172800', 'should be less than or equal to 86400'],
  ['a sunset in days', bot({ sunset: { scaledownDelay: '1d' } }), 'spec.sunset.scaledownDelay', 'not 1d', 'a time span such as 90s, 10m or 1h30m'],
  ['a week as a word', bot({ sunset: { deleteDelay: '1w' } }), 'spec.sunset.deleteDelay', 'not 1w', 'a time span such as 90s, 10m or 1h30m'],
  ['a deletion policy that does not exist', bot({ deletionPolicy: 'Orphan' }), 'spec.deletionPolicy', '"Orphan"', 'supported values: "Retain", "Delete"'],
  ['101 revisions kept', bot({ revisionHistoryLimit: 101 }), 'spec.revisionHistoryLimit', '101', 'should be less than or equal to 100'],
  ['an empty pin', bot({ revisionName: '' }), 'spec.revisionName', '""', 'should be at least 1 chars long'],
  ['both botSpec and template', bot({ template: { spec: { source: { botSpec } } } }), 'spec', 'not both', 'exactly one of botSpec and template is required'],
  ['neither botSpec nor template', bot({ botSpec: undefined }), 'spec', 'not neither', 'exactly one of botSpec and template is required'],
  ['a pool without a name', bot({ runtimeRef: {} }), 'spec.runtimeRef.name', 'Required value', 'Required value'],
  ['a way of updates that does not exist', bot({ updates: 'Push' }), 'spec.updates', '"Push"', 'supported values: "Webhook", "Polling"'],
];

const REVISIONS: Row[] = [
  ['a revision without source', revision({ source: {} }), 'spec.source', 'not none', 'exactly one of: botSpec, configMapRef, bundleRef'],
  ['a revision of two sources', revision({ source: { configMapRef: { name: 'specs' }, bundleRef: { digest } } }), 'spec.source', 'not several', 'exactly one of: botSpec, configMapRef, bundleRef'],
  ['a revision of no Bot', revision({ botRef: {} }), 'spec.botRef.name', 'Required value', 'Required value'],
  ['a revision of a Bot whose name is too long', revision({ botRef: { name: 'a'.repeat(39) } }), 'spec.botRef.name', 'Too long', 'may not be more than 38 bytes'],
  ['a digest that is none', revision({ source: { bundleRef: { digest: 'latest' } } }), 'spec.source.bundleRef.digest', '"latest"', "should match '^[0-9a-f]{64}$'"],
  ['a ConfigMap with a name in capitals', revision({ source: { configMapRef: { name: 'Specs' } } }), 'spec.source.configMapRef.name', '"Specs"', 'should match'],
  ['an isolation that does not exist', revision({ isolation: 'VM' }), 'spec.isolation', '"VM"', 'supported values: "Pooled", "Dedicated"'],
  ['too little memory', revision({ limits: { memoryMiB: 7 } }), 'spec.limits.memoryMiB', '7', 'should be greater than or equal to 8'],
  ['too much memory', revision({ limits: { memoryMiB: 257 } }), 'spec.limits.memoryMiB', '257', 'should be less than or equal to 256'],
  ['a processor in words', revision({ limits: { cpuMs: '100m' } }), 'spec.limits.cpuMs', '"string"', 'must be of type integer'],
  ['a secret without its key', revision({ secretRefs: [{ name: 'API', secretName: 'shop' }] }), 'spec.secretRefs[0].key', 'Required value', 'Required value'],
  ['a secret with a dash in its name', revision({ secretRefs: [{ name: 'API-KEY', secretName: 'shop', key: 'token' }] }), 'spec.secretRefs[0].name', '"API-KEY"', "should match '^[A-Za-z][A-Za-z0-9_]*$'"],
];

const RUNTIMES: Row[] = [
  ['fewer pods than none', { replicas: -1 }, 'spec.replicas', '-1', 'should be greater than or equal to 0'],
  ['too many pods', { replicas: 1_001 }, 'spec.replicas', '1001', 'should be less than or equal to 1000'],
  ['pods in words', { replicas: 'two' }, 'spec.replicas', '"string"', 'must be of type integer'],
  ['an autoscaler that does not exist', { autoscaling: { type: 'KEDA' } }, 'spec.autoscaling.type', '"KEDA"', 'supported values: "None", "CPU", "External"'],
  ['CPU without max', { autoscaling: { type: 'CPU' } }, 'spec.autoscaling', 'type is CPU and max is left out', 'type CPU needs max'],
  ['a max for External', { autoscaling: { type: 'External', max: 3 } }, 'spec.autoscaling', 'type is External and max is given', 'min, max and targetPercent are for type CPU only'],
  ['a min for nobody', { autoscaling: { min: 2 } }, 'spec.autoscaling', 'type is None and max is left out', 'min, max and targetPercent are for type CPU only'],
  ['pods that are idle', { autoscaling: { type: 'CPU', max: 2, targetPercent: 0 } }, 'spec.autoscaling.targetPercent', '0', 'should be greater than or equal to 5'],
  ['namespaces of a kind that does not exist', { allowedNamespaces: { from: 'Some' } }, 'spec.allowedNamespaces.from', '"Some"', 'supported values: "Same", "All", "Selector"'],
  ['a selector that nobody asked for', { allowedNamespaces: { from: 'All', selector: {} } }, 'spec.allowedNamespaces', 'from is All and selector is given', 'selector is given with from: Selector, and only then'],
  ['a Selector without one', { allowedNamespaces: { from: 'Selector' } }, 'spec.allowedNamespaces', 'from is Selector and selector is left out', 'selector is given with from: Selector, and only then'],
  ['In without values', { allowedNamespaces: { from: 'Selector', selector: { matchExpressions: [{ key: 'team', operator: 'In' }] } } }, 'spec.allowedNamespaces.selector.matchExpressions[0]', 'operator is In and values are left out', 'In and NotIn need values'],
  ['no sandbox at all', pool({ liveMax: 0 }), 'spec.sandbox.liveMax', '0', 'should be greater than or equal to 1'],
  ['a sandbox too large', pool({ memoryMiB: 512 }), 'spec.sandbox.memoryMiB', '512', 'should be less than or equal to 256'],
  ['a step that takes for ever', pool({ cpuMs: 60_000 }), 'spec.sandbox.cpuMs', '60000', 'should be less than or equal to 1000'],
  ['no time to be idle', pool({ idleSeconds: 0 }), 'spec.sandbox.idleSeconds', '0', 'should be greater than or equal to 1'],
  ['a taint of no effect', { template: { tolerations: [{ key: 'spot', effect: 'Never' }] } }, 'spec.template.tolerations[0].effect', '"Never"', 'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
];

/** What the API server has against it; a dry run, so nothing is left behind. */
async function refusals(type: ResourceType, spec: object): Promise<{ field: string; message: string }[]> {
  try {
    await client.create(type, { metadata: { name: 'invalid', namespace: 'default' }, spec } as never, { dryRun: true });
    return [];
  } catch (error) {
    if (!(error instanceof K8sError) || error.status !== 422) throw error;
    return (error.details?.causes ?? []).map(({ field = '', message = '' }) => ({ field, message }));
  }
}

/** Said beside the true cause when a schema error keeps rules from being asked. */
const NOT_CHECKED = 'some validation rules were not checked because the object was invalid';

describe.each([
  ['[P7] [C6] a Bot and its rollout', BOTS, ROLLOUTS],
  ['[C6] a BotRevision', BOT_REVISIONS, REVISIONS],
  ['[C6] a BotRuntime', BOT_RUNTIMES, RUNTIMES],
] as const)('%s', (_kind, type: ResourceType, rows) => {
  it.each(rows)('%s: where, what was found, and what would be right', async (_what, spec, path, found, remedy) => {
    const causes = (await refusals(type, spec)).filter(({ message }) => !message.includes(NOT_CHECKED));
    // The scale subresource says the same once more, with a dot before the path.
    expect([...new Set(causes.map(({ field }) => field.replace(/^\./, '')))]).toEqual([path]);
    expect(causes[0]?.message).toContain(found);
    expect(causes[0]?.message).toContain(remedy);
  });
});
