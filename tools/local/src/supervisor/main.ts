import { rmSync } from 'node:fs';
import { clusterFiles, removeRecord, writeRecord } from '@botplane/testing';
import { childDefinitions } from '../environment/children.ts';
import { readCredentials } from '../environment/credentials.ts';
import { installBase } from '../environment/install.ts';
import { readAllocation } from '../environment/ports.ts';
import { localPaths } from '../paths.ts';
import { listenForControl } from './control-server.ts';
import { environmentFingerprint } from './fingerprint.ts';
import { Supervisor } from './supervisor.ts';

/** The detached process that keeps an environment running. `make up` starts it, `make down` ends it. */
async function main(): Promise<void> {
  const paths = localPaths();
  const allocation = readAllocation(paths.ports);
  const environment = { paths, allocation, credentials: readCredentials(paths.credentials) };
  const definitions = childDefinitions(environment);
  const kubeconfig = clusterFiles(paths.cluster).kubeconfig('admin');
  const tasks = [{ name: 'crds', after: ['kube-apiserver'], run: () => installBase(kubeconfig) }];
  const fingerprint = environmentFingerprint();
  const supervisor = new Supervisor(definitions, tasks, { fingerprint, folders: paths, log });

  writeRecord(paths.run, 'supervisor', process.pid);
  const shutdown = async (): Promise<void> => {
    await supervisor.stopAll();
    log('all children have ended');
    removeRecord(paths.run, 'supervisor');
    rmSync(paths.socket, { force: true });
    setTimeout(() => process.exit(0), 50); // After the answer has left.
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutdown());
  await listenForControl(supervisor, paths.socket, shutdown);
  supervisor.begin();
  log('supervisor runs');
}

function log(message: string): void {
  console.log(`${new Date().toISOString()} ${message}`);
}

await main();
