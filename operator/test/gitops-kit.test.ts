import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Environment } from '@marcbachmann/cel-js';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { runArgoScript } from './support/argo-lua.ts';
import { FLUX_CASES, fluxObject, fluxStatus } from './support/flux.ts';

const KIT = join(import.meta.dirname, '../../charts/botplane/gitops');
const EXAMPLE = join(import.meta.dirname, '../../examples/gitops');
const ARGO = join(KIT, 'argocd/resource_customizations/botplane.dev');
const KINDS = ['Bot', 'BotRevision', 'BotRuntime'];
const text = (...path: string[]): string => readFileSync(join(...path), 'utf8');
const yaml = (...path: string[]): unknown => parse(text(...path));

interface HealthTest { inputPath: string; healthStatus: { status: string; message: string } }
interface DiscoveryTest { inputPath: string; result: { name: string; disabled: boolean }[] }
interface ActionTest { action: string; inputPath: string; expectedOutputPath: string }
interface ActionTests { discoveryTests: DiscoveryTest[]; actionTests: ActionTest[] }

it('scripts run with the libraries that Argo CD opens, and no others', async () => {
  const kinds = (...names: string[]): string => `{ ${names.map((name) => `${name} = type(${name})`).join(', ')} }`;
  const closed = ['os', 'io', 'string', 'math', 'debug', 'coroutine', 'channel'];
  expect(await runArgoScript(`return ${kinds(...closed)}`, {})).toEqual(Object.fromEntries(closed.map((name) => [name, 'nil'])));
  for (const name of closed.slice(1)) await expect(runArgoScript(`return require("${name}")`, {})).rejects.toThrow();
  expect(await runArgoScript('local os = require("os") return { table = type(table), time = type(os.time), date = type(os.date), exit = type(os.exit) }', {})).toEqual({ table: 'table', time: 'function', date: 'function', exit: 'nil' });
});

describe.each(KINDS)('[C6] Argo CD shows the health of a %s', (kind) => {
  const { tests } = yaml(ARGO, kind, 'health_test.yaml') as { tests: HealthTest[] };
  it.each(tests.map((test) => [test.inputPath, test] as const))('%s', async (inputPath, { healthStatus }) => {
    expect(await runArgoScript(text(ARGO, kind, 'health.lua'), yaml(ARGO, kind, inputPath))).toEqual(healthStatus);
  });
  it('every case of testdata is used', () => {
    expect(readdirSync(join(ARGO, kind, 'testdata')).toSorted()).toEqual(tests.map(({ inputPath }) => inputPath.replace('testdata/', '')).toSorted());
  });
});

describe('[P7] Argo CD offers actions for a Bot', () => {
  const folder = join(ARGO, 'Bot/actions');
  const { discoveryTests, actionTests } = yaml(folder, 'action_test.yaml') as ActionTests;
  it.each(discoveryTests.map((test) => [test.inputPath, test] as const))('discovery, %s', async (inputPath, { result }) => {
    expect(await runArgoScript(text(folder, 'discovery.lua'), yaml(folder, inputPath))).toEqual(Object.fromEntries(result.map(({ name, disabled }) => [name, { disabled }])));
  });
  it.each(actionTests.map((test) => [test.action, test.inputPath, test] as const))('%s, %s', async (action, inputPath, { expectedOutputPath }) => {
    const [done, wanted] = await Promise.all([runArgoScript(text(folder, action, 'action.lua'), yaml(folder, inputPath)), runArgoScript('return obj', yaml(folder, expectedOutputPath))]);
    expect(done).toEqual(wanted);
  });
});

it('argocd-cm.yaml holds the same scripts for installs that take them from the ConfigMap', async () => {
  const data: Record<string, string> = {};
  for (const kind of KINDS) {
    data[`resource.customizations.health.botplane.dev_${kind}`] = text(ARGO, kind, 'health.lua');
    const actions = join(ARGO, kind, 'actions');
    if (!existsSync(actions)) continue;
    const names = readdirSync(actions, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'testdata').map(({ name }) => name).toSorted();
    const definitions = names.map((name) => ({ name, 'action.lua': text(actions, name, 'action.lua') }));
    data[`resource.customizations.actions.botplane.dev_${kind}`] = stringify({ 'discovery.lua': text(actions, 'discovery.lua'), definitions }, { lineWidth: 0 });
  }
  data['resource.customizations.ignoreDifferences.botplane.dev_BotRuntime'] = stringify({ jsonPointers: ['/spec/replicas'] });
  const header = '# Made of the scripts beside it (`vitest -u operator/test/gitops-kit.test.ts`); do not edit. Add it to what is there:\n#   kubectl apply --server-side --field-manager=botplane -f argocd-cm.yaml\n';
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd' }, data };
  await expect(header + stringify(object, { lineWidth: 0 })).toMatchFileSnapshot(join(KIT, 'argocd/argocd-cm.yaml'));
});

/** Flux gives the fields of the object; gitops.test.ts asks cel-go, which Flux uses. */
function judge(object: ReturnType<typeof fluxObject>): ReturnType<typeof fluxStatus> {
  const environment = new Environment({ enableOptionalTypes: true, unlistedVariablesAreDyn: true });
  return fluxStatus(object, (rule, rules) => rules[rule] !== undefined && environment.evaluate(rules[rule], { ...object }) === true);
}

describe('[C6] Flux tells by its expressions', () => {
  it.each(FLUX_CASES)('%s %s: %s', (kind, name, verdict) => {
    expect(judge(fluxObject(kind, name))).toBe(verdict);
  });

  it('never calls a Bot without conditions healthy', () => {
    expect(judge({ kind: 'Bot', metadata: { generation: 1 }, status: {} })).toBe('InProgress');
  });
});

it('the example repository carries the same name references as the kit', () => {
  for (const copy of ['base', 'overlays/dev']) expect(text(EXAMPLE, copy, 'name-reference.yaml')).toBe(text(KIT, 'kustomize/name-reference.yaml'));
});
