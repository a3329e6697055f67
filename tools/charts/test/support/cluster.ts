import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { foreignCrdFiles } from '@botplane/bootstrap/foreign-crds';
import { startControlPlane } from '@botplane/testing';
import type { TestControlPlane } from '@botplane/testing';
import { stringify } from 'yaml';
import { CRDS_CHART, NAMESPACE, helm } from './helm.ts';

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

export interface Cluster extends TestControlPlane {
  /** kubectl with `input` on its standard input; rejects with its error text. */
  kubectl(args: readonly string[], input?: unknown): Promise<string>;
}

/** A real kube-apiserver with our kinds (as `crdsChart` has them) and those of others, and the install's namespace under Pod Security "restricted". */
export async function startCluster(crdsChart = CRDS_CHART): Promise<Cluster> {
  const plane = await startControlPlane();
  const kubectl = async (args: readonly string[], input?: unknown): Promise<string> => {
    const running = promisify(execFile)(toolPath('kubectl'), [`--kubeconfig=${plane.kubeconfig}`, ...args], { maxBuffer: OUTPUT_BYTES_MAX });
    running.child.stdin?.end(input === undefined ? '' : toText(input));
    return (await running).stdout;
  };
  const level = Object.fromEntries(['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']));
  await kubectl(['apply', '-f', '-'], [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: level } }]);
  await helm('install', 'botplane-crds', crdsChart, '--kubeconfig', plane.kubeconfig, '--namespace', NAMESPACE);
  await kubectl(['apply', '--server-side', ...foreignCrdFiles().flatMap((file) => ['-f', file])]);
  await kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crds', '--all']);
  return { ...plane, kubectl };
}

const toText = (input: unknown): string => (typeof input === 'string' ? input : (input as readonly unknown[]).map((item) => stringify(item)).join('---\n'));
