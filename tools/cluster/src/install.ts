import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolPath } from '@botplane/bootstrap';
import { createProgress } from '@botplane/bootstrap/progress';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { run } from './command.ts';
import { HELM_TEST_S_MAX, INSTALL_S_MAX } from './limits.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where to install, and with which values beside the profile quickstart. */
export interface Installation {
  readonly context: string;
  readonly namespace: string;
  readonly values: readonly string[];
}

/** Installs the charts with the profile quickstart into a context of kubectl, or upgrades what is there, and sees that it works. */
export async function install({ context, namespace, values }: Installation): Promise<void> {
  await checkContext(context);
  const progress = createProgress();
  const own = makeTempFolder('helm');
  const env = { HELM_CACHE_HOME: own, HELM_CONFIG_HOME: own, HELM_DATA_HOME: own };
  const helm = (...args: string[]): Promise<string> => run(toolPath('helm'), [...args, '--kube-context', context, '--namespace', namespace], { env, timeoutMs: (INSTALL_S_MAX + 60) * 1_000 });
  const kubectl = (...args: string[]): Promise<string> => run(toolPath('kubectl'), [...args, '--context', context, '--namespace', namespace], { timeoutMs: (INSTALL_S_MAX + 60) * 1_000 });
  const files = [join(ROOT, 'charts/botplane/profiles/quickstart.yaml'), ...values].flatMap((file) => ['--values', file]);
  progress.line(`Installing Botplane into namespace ${namespace} of context ${context}: charts/botplane-crds, charts/botplane with the profile quickstart${values.map((file) => ` and ${file}`).join('')}`);
  try {
    await progress.step('custom resource definitions', () => helm('upgrade', '--install', 'botplane-crds', join(ROOT, 'charts/botplane-crds'), '--create-namespace'));
    await progress.step('helm upgrade --install', () => helm('upgrade', '--install', 'botplane', join(ROOT, 'charts/botplane'), ...files));
    await progress.step('everything is Ready', async () => {
      const timeout = `--timeout=${INSTALL_S_MAX}s`;
      await kubectl('rollout', 'status', 'statefulset', '--selector=app.kubernetes.io/part-of=botplane', timeout);
      await kubectl('rollout', 'status', 'deployment', '--selector=app.kubernetes.io/part-of=botplane', timeout);
      await kubectl('wait', '--for=condition=Ready', 'botruntime/default', timeout);
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await kubectl('get', 'pods').catch(() => '')}Look with: kubectl --context ${context} --namespace ${namespace} describe pods`);
    });
    await progress.step('helm test: a bot answers', () => helm('test', 'botplane', '--timeout', `${HELM_TEST_S_MAX}s`));
  } finally {
    removeTempFolder(own);
  }
  progress.line(`Botplane works in context ${context} after ${progress.elapsed()}. Remove it with: helm uninstall botplane botplane-crds --kube-context ${context} --namespace ${namespace}`);
}

/** Throws for a name that kubectl does not know, with those that it knows. */
async function checkContext(context: string): Promise<void> {
  const names = await contextNames();
  if (names.includes(context)) return;
  throw new Error(names.length === 0 ? `kubectl knows no context at all, so not ${JSON.stringify(context)}: set KUBECONFIG` : `kubectl knows no context ${JSON.stringify(context)}; it knows: ${names.join(', ')}`);
}

/** Names of all contexts of the kubeconfig that KUBECONFIG names, or of ~/.kube/config. */
export async function contextNames(): Promise<string[]> {
  return (await run(toolPath('kubectl'), ['config', 'get-contexts', '--output=name'])).split('\n').filter((name) => name !== '');
}
