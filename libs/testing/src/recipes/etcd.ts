import { mkdir } from 'node:fs/promises';
import { toolPath } from '@botplane/bootstrap';
import { httpAnswers } from '../checks.ts';
import type { ProcessRecipe } from '../recipe.ts';

export interface EtcdOptions {
  readonly folder: string;
  readonly port: number;
  readonly peerPort: number;
  /** False only where losing the data in a crash of the machine does not matter (tests). */
  readonly fsync: boolean;
}

/** A single etcd member on loopback. */
export function etcdRecipe({ folder, port, peerPort, fsync }: EtcdOptions): ProcessRecipe {
  const url = `http://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  return {
    name: 'etcd',
    command: toolPath('etcd'),
    args: [
      `--data-dir=${folder}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--log-level=warn',
      '--auto-compaction-retention=1h',
      ...(fsync ? [] : ['--unsafe-no-fsync']),
    ],
    prepare: async () => void (await mkdir(folder, { recursive: true, mode: 0o700 })),
    ready: () => httpAnswers(`${url}/health`),
  };
}
