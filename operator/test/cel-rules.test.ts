import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BOTS, BOT_REVISIONS, BOT_RUNTIMES, K8sClient, K8sError } from '@botplane/k8s';
import type { KubeObject, ResourceType } from '@botplane/k8s';
import { startControlPlane } from '@botplane/testing';
import type { TestControlPlane } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { echoSpec } from './support/world.ts';

const CRDS = join(import.meta.dirname, '../../crds');

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

interface Case {
  /** Where the API server says that the failing one is wrong. */
  at: string;
  passes: object;
  fails: object;
  /** What is there already; then the others are changes of it. */
  before?: object;
  /** Names of the passing and the failing object; equal to the one before, when there is one. */
  names?: [passes: string, fails: string];
}

const botSpec = echoSpec('one');
const bot = (spec: object): object => ({ platform: 'Telegram', tokenSecretRef: { name: 'echo' }, ...spec });
const rolling = (rollout: object): object => bot({ botSpec, rollout });
const checking = (check: object): object => rolling({ analysis: [{ name: 'errors', ...check }] });
const selecting = (requirement: object): object => ({ allowedNamespaces: { from: 'Selector', selector: { matchExpressions: [{ key: 'team', ...requirement }] } } });
const revision = (source: object): object => ({ botRef: { name: 'echo' }, source });
const digest = 'a'.repeat(64);

/** By kind and message of the rule. */
const CASES: Record<string, Case> = {
  'Bot: exactly one of botSpec and template is required': { at: 'spec', passes: bot({ botSpec }), fails: bot({ botSpec, template: { spec: { source: { botSpec } } } }) },
  'Bot: source needs exactly one of: botSpec, configMapRef, bundleRef': {
    at: 'spec.template.spec.source', passes: bot({ template: { spec: { source: { bundleRef: { digest } } } } }), fails: bot({ template: { spec: { source: { botSpec, bundleRef: { digest } } } } }),
  },
  'Bot: strategy Canary needs steps, but there is none': { at: 'spec.rollout.steps', passes: rolling({ strategy: 'Canary', steps: [{ setWeight: 5 }] }), fails: rolling({ strategy: 'Canary', steps: [] }) },
  'Bot: a step analysis needs a check, but analysis is empty': { at: 'spec.rollout.analysis', passes: rolling({ steps: [{ setWeight: 5 }, { analysis: {} }] }), fails: rolling({ steps: [{ setWeight: 5 }, { analysis: {} }], analysis: [] }) },
  'Bot: a step analysis needs a setWeight above 0 before it, but there is none': {
    at: 'spec.rollout.steps', passes: rolling({ steps: [{ setWeight: 0 }, { pause: {} }, { setWeight: 5 }, { pause: {} }, { analysis: {} }, { analysis: {} }] }), fails: rolling({ steps: [{ setWeight: 5 }, { analysis: {} }, { setWeight: 0 }, { pause: {} }, { analysis: {} }] }),
  },
  'Bot: a step has exactly one of setWeight, pause and analysis': { at: 'spec.rollout.steps[0]', passes: rolling({ steps: [{ pause: {} }] }), fails: rolling({ steps: [{ setWeight: 5, pause: {} }] }) },
  'Bot: a check has exactly one of metric and prometheus': {
    at: 'spec.rollout.analysis[0]', passes: checking({ max: 1, prometheus: { query: 'up' } }), fails: checking({ max: 1, metric: 'ErrorPercent', prometheus: { query: 'up' } }),
  },
  'Bot: a check needs max, min or both, but has neither': { at: 'spec.rollout.analysis[0]', passes: checking({ metric: 'ErrorPercent', min: 0 }), fails: checking({ metric: 'ErrorPercent' }) },
  'Bot: interval must be between 1s and 1h': { at: 'spec.rollout.analysis[0].interval', passes: checking({ metric: 'ErrorPercent', max: 1, interval: '1h' }), fails: checking({ metric: 'ErrorPercent', max: 1, interval: '1h1s' }) },
  'Bot: duration must be a time span such as 90s, 10m or 1h30m': { at: 'spec.rollout.steps[0].pause.duration', passes: rolling({ steps: [{ pause: { duration: '1h30m' } }] }), fails: rolling({ steps: [{ pause: { duration: '2d' } }] }) },
  'Bot: interval must be a time span such as 90s, 10m or 1h30m': {
    at: 'spec.rollout.analysis[0].interval', passes: checking({ metric: 'ErrorPercent', max: 1, interval: '90s' }), fails: checking({ metric: 'ErrorPercent', max: 1, interval: '1.5h' }),
  },
  'Bot: rollbackWindow must be a time span such as 90s, 10m or 1h30m': { at: 'spec.rollout.rollbackWindow', passes: rolling({ rollbackWindow: '0s' }), fails: rolling({ rollbackWindow: 'an hour' }) },
  'Bot: scaledownDelay must be a time span such as 90s, 10m or 1h30m': { at: 'spec.sunset.scaledownDelay', passes: bot({ botSpec, sunset: { scaledownDelay: '24h' } }), fails: bot({ botSpec, sunset: { scaledownDelay: '1d' } }) },
  'Bot: deleteDelay must be a time span such as 90s, 10m or 1h30m': { at: 'spec.sunset.deleteDelay', passes: bot({ botSpec, sunset: { deleteDelay: '168h' } }), fails: bot({ botSpec, sunset: { deleteDelay: '1w' } }) },
  'Bot: metadata.name must begin with a letter, hold only a-z, 0-9 and -, end with a letter or digit, and have at most 38 characters': {
    at: '', names: ['a'.repeat(38), 'a'.repeat(39)], passes: bot({ botSpec }), fails: bot({ botSpec }),
  },
  'BotRevision: a BotRevision cannot be changed; change the Bot, or make a BotRevision of another name': {
    at: 'spec', before: revision({ botSpec }), passes: revision({ botSpec }), fails: revision({ botSpec: echoSpec('two') }),
  },
  'BotRevision: source needs exactly one of: botSpec, configMapRef, bundleRef': { at: 'spec.source', passes: revision({ configMapRef: { name: 'specs' } }), fails: revision({}) },
  'BotRevision: metadata.name must have at most 47 characters': { at: '', names: ['r'.repeat(47), 'r'.repeat(48)], passes: revision({ botSpec }), fails: revision({ botSpec }) },
  'BotRuntime: In and NotIn need values, Exists and DoesNotExist take none': {
    at: 'spec.allowedNamespaces.selector.matchExpressions[0]', passes: selecting({ operator: 'Exists' }), fails: selecting({ operator: 'Exists', values: ['bots'] }),
  },
  'BotRuntime: selector is given with from: Selector, and only then': { at: 'spec.allowedNamespaces', passes: { allowedNamespaces: { from: 'All' } }, fails: { allowedNamespaces: { from: 'All', selector: {} } } },
  'BotRuntime: type CPU needs max; min, max and targetPercent are for type CPU only': { at: 'spec.autoscaling', passes: { autoscaling: { type: 'CPU', max: 2 } }, fails: { autoscaling: { type: 'External', max: 2 } } },
  'BotRuntime: max must not be below min, which is 1 where it is left out': { at: 'spec.autoscaling.max', passes: { autoscaling: { type: 'CPU', min: 2, max: 2 } }, fails: { autoscaling: { type: 'CPU', min: 3, max: 2 } } },
  'BotRuntime: metadata.name must have at most 40 characters': { at: '', names: ['r'.repeat(40), 'r'.repeat(41)], passes: {}, fails: {} },
};

const TYPES: Record<string, ResourceType> = { Bot: BOTS, BotRevision: BOT_REVISIONS, BotRuntime: BOT_RUNTIMES };

interface Schema {
  'x-kubernetes-validations'?: { message: string }[];
  [key: string]: unknown;
}

/** Messages of all rules of a schema, however deep. */
function rulesIn(schema: Schema): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => message);
  return [...own, ...Object.values(schema).flatMap((child) => (typeof child === 'object' && child !== null ? rulesIn(child as Schema) : []))];
}

function rulesOf(file: string): string[] {
  const { spec } = parse(readFileSync(join(CRDS, file), 'utf8')) as { spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Schema } }[] } };
  return spec.versions.flatMap(({ schema }) => rulesIn(schema.openAPIV3Schema)).map((message) => `${spec.names.kind}: ${message}`);
}

/** What the API server has against it; a dry run, so nothing is left behind. */
async function refusals(type: ResourceType, metadata: KubeObject['metadata'], spec: object): Promise<{ field: string; message: string }[]> {
  const object = { metadata, spec } as never;
  try {
    await (metadata.resourceVersion === undefined ? client.create(type, object, { dryRun: true }) : client.replace(type, object, { dryRun: true }));
    return [];
  } catch (error) {
    if (!(error instanceof K8sError) || error.status !== 422) throw error;
    return (error.details?.causes ?? []).map(({ field = '', message = '' }) => ({ field, message }));
  }
}

describe('[C6] rules of the CRDs', () => {
  it('have a passing and a failing case each', () => {
    const rules = readdirSync(CRDS).filter((file) => file.endsWith('.yaml')).flatMap(rulesOf);
    expect(rules.length).toBeGreaterThan(0);
    expect(Object.keys(CASES).toSorted()).toEqual(rules.toSorted());
  });

  it.each(Object.entries(CASES))('%s', async (rule, { at, passes, fails, before, names = ['cel', 'cel'] }) => {
    const end = rule.indexOf(': ');
    const [kind, message] = [rule.slice(0, end), rule.slice(end + 2)];
    const type = TYPES[kind]!;
    const [good, bad] = names.map((name) => ({ name, namespace: 'default' }));
    if (before !== undefined) {
      const made = await client.create(type, { metadata: { name: 'cel', namespace: 'default' }, spec: before } as never);
      for (const metadata of [good!, bad!]) Object.assign(metadata, { resourceVersion: made.metadata.resourceVersion });
    }
    try {
      expect(await refusals(type, good!, passes)).toEqual([]);
      const found = await refusals(type, bad!, fails);
      expect(found.filter((cause) => cause.message.includes(message)).map(({ field }) => field.replace('<nil>', ''))).toEqual([at]);
    } finally {
      if (before !== undefined) await client.delete(type, { name: 'cel', namespace: 'default' });
    }
  });
});
