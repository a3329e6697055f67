import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SOCKET_PATH_BYTES_MAX } from './limits.ts';

/** The root of the repository. */
export const ROOT = resolve(import.meta.dirname, '../../..');

/** Where one local environment keeps everything. */
export interface LocalPaths {
  readonly folder: string;
  /** Shell file with the addresses and credentials for scripts. */
  readonly env: string;
  readonly ports: string;
  readonly credentials: string;
  /** Certificates, tokens and kubeconfigs of the control plane. */
  readonly cluster: string;
  readonly logs: string;
  /** Records of running processes: pid and start time. */
  readonly run: string;
  /** Data of etcd, postgres, nats, s3 and the simulator. */
  readonly data: string;
  /** Volumes and logs of pods. */
  readonly pods: string;
  /** Control socket of the supervisor. */
  readonly socket: string;
}

/** The environment of `BOTPLANE_LOCAL_DIR`, default `.local` in the repository. */
export function localPaths(folder = process.env['BOTPLANE_LOCAL_DIR'] || join(ROOT, '.local')): LocalPaths {
  const root = resolve(folder);
  return {
    folder: root,
    env: join(root, 'env'),
    ports: join(root, 'ports.json'),
    credentials: join(root, 'credentials'),
    cluster: join(root, 'cluster'),
    logs: join(root, 'logs'),
    run: join(root, 'run'),
    data: join(root, 'data'),
    pods: join(root, 'pods'),
    socket: socketPath(root),
  };
}

function socketPath(root: string): string {
  const inside = join(root, 'control.sock');
  if (Buffer.byteLength(inside) <= SOCKET_PATH_BYTES_MAX) return inside;
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(tmpdir(), `botplane-${name}.sock`);
}
