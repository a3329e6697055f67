import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { toolPath } from '@botplane/bootstrap';
import { whyNoNode } from './ability.ts';
import { OutOfTime, attempt, run } from './command.ts';
import { down } from './down.ts';
import { loadImages, withArchives } from './images.ts';
import { contextNames } from './install.ts';
import { installKeda, isKedaBuilt } from './keda.ts';
import { IMAGES_MS_MAX, TOOLS_MS_MAX, UP_MS_MAX } from './limits.ts';
import { isRoot } from './machine.ts';
import type { ClusterPaths } from './paths.ts';
import { up } from './up.ts';

/** The cluster of a test run: what was started for it, and how kubectl finds it. */
export interface TestTarget {
  /** node: of this machine, up for the run. kind: made for the run. context: somebody's own, which stays. */
  readonly started: 'node' | 'kind' | 'none';
  readonly context: string;
  /** Empty: the one that kubectl takes anyway. */
  readonly kubeconfig: string;
  /** Further files of values for the chart. */
  readonly values: readonly string[];
}

/** No cluster is to be had here, and that is no fault of the project. */
export class NoCluster extends Error {}

const HERE = fileURLToPath(new URL('..', import.meta.url));
const ROOT = join(HERE, '../..');
const KIND = 'botplane-test';

/**
 * Brings up a cluster for a test run and notes it in `file`: the context that CLUSTER_CONTEXT names; the node of this machine for root; else the
 * current context of kubectl once somebody at the terminal agrees; else kind. `isOptional`: no cluster is to be had, either, where a node is not
 * up in time, or its tools are not built. One that fails is a failure of ours.
 */
export async function startTestTarget(paths: ClusterPaths, file: string, { context = '', isOptional = false }: { context?: string; isOptional?: boolean }): Promise<void> {
  const note = (target: TestTarget): void => writeFileSync(file, JSON.stringify(target));
  if (context !== '') return note(await ownContext(context));
  if (isRoot()) return startNode(paths, note, isOptional);
  const current = ((await attempt(toolPath('kubectl'), ['config', 'current-context'])) ?? '').trim();
  if (current !== '' && (await agrees(current))) return note(await ownContext(current));
  if ((await attempt('kind', ['version'])) !== undefined && (await attempt('docker', ['info'])) !== undefined) return startKind(paths, note);
  const why = current === '' ? 'kubectl has no current context' : `the current context ${current} was not agreed to (CLUSTER_CONTEXT=${current} agrees without asking)`;
  throw new NoCluster(`no cluster to test on: this is not root, ${why}, and there is no kind with a docker daemon`);
}

/** Ends what `startTestTarget` started. */
export async function stopTestTarget(paths: ClusterPaths, file: string): Promise<void> {
  const target = JSON.parse(readFileSync(file, 'utf8')) as TestTarget;
  if (target.started === 'node') await down(paths);
  if (target.started === 'kind') await run('kind', ['delete', 'cluster', '--name', KIND]);
  rmSync(file);
}

async function ownContext(context: string): Promise<TestTarget> {
  const names = await contextNames();
  if (!names.includes(context)) throw new Error(`kubectl knows no context ${JSON.stringify(context)}; it knows: ${names.join(', ') || 'none'}`);
  if ((await attempt(toolPath('kubectl'), ['--context', context, 'get', 'crd', 'bots.botplane.dev'])) !== undefined) throw new Error(`Botplane is installed in context ${context} already, and a test would remove it: name another`);
  console.log(`Testing on context ${context}. Its nodes must be able to pull the images (CLUSTER_VALUES names a file of values, e.g. with global.image.registry).`);
  return { started: 'none', context, kubeconfig: '', values: (process.env['CLUSTER_VALUES'] ?? '').split(',').filter((name) => name !== '') };
}

async function agrees(context: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Install Botplane into the kubectl context ${context}, test it there, and remove it again? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function startNode(paths: ClusterPaths, note: (target: TestTarget) => void, isOptional: boolean): Promise<void> {
  const why = await whyNoNode(paths);
  if (why !== undefined) throw new NoCluster(why);
  // Noted before it is up, so that whatever is there of it is ended.
  note({ started: 'node', context: 'botplane-local', kubeconfig: paths.kubeconfig, values: [join(HERE, 'quickstart-values.yaml')] });
  const tools = run('node', [join(ROOT, 'tools/bootstrap/main.mjs'), 'charts', 'node'], { timeoutMs: TOOLS_MS_MAX });
  await (isOptional ? forgiveSlowness('the tools of a node are not built (`make cluster-tools` builds them, once)', tools) : tools);
  const node = within(UP_MS_MAX, up(paths));
  await (isOptional ? forgiveSlowness('the node did not come up', node) : node);
  await loadImages(paths);
  if (isKedaBuilt()) await installKeda(paths);
}

/** Rejects with NoCluster where the work ran out of time, as with empty caches on a slow machine; with what is wrong where it failed. */
export function forgiveSlowness(what: string, work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: Error) => Promise.reject(error instanceof OutOfTime ? new NoCluster(`${what}: ${error.message}`) : error));
}

async function startKind(paths: ClusterPaths, note: (target: TestTarget) => void): Promise<void> {
  const kubeconfig = `${paths.folder}-kind.kubeconfig`;
  note({ started: 'kind', context: `kind-${KIND}`, kubeconfig, values: [] });
  console.log(`Making a cluster with kind: ${KIND}`);
  await run('kind', ['create', 'cluster', '--name', KIND, '--kubeconfig', kubeconfig, '--wait', '180s'], { timeoutMs: UP_MS_MAX });
  await withArchives(false, (archive) => run('kind', ['load', 'image-archive', archive, '--name', KIND], { timeoutMs: IMAGES_MS_MAX }));
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new OutOfTime(`not done after ${ms / 1_000} s`)), ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
