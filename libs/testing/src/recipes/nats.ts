import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { httpAnswers } from '../checks.ts';
import type { ProcessRecipe } from '../recipe.ts';

export interface NatsOptions {
  /** Holds the configuration and the JetStream store. */
  readonly folder: string;
  readonly port: number;
  /** HTTP port of `/healthz`, `/varz` and `/jsz`. */
  readonly monitorPort: number;
  /** Every write is on disk before it is acknowledged, as in the charts. */
  readonly syncAlways: boolean;
  /** Clients must show a certificate of this authority. Read when the server starts, and on SIGHUP. */
  readonly tls?: NatsTlsFiles;
}

/** PEM files of a server. */
export interface NatsTlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** nats-server with JetStream on loopback. */
export function natsRecipe(options: NatsOptions): ProcessRecipe {
  const configFile = join(options.folder, 'nats.conf');
  return {
    name: 'nats',
    command: toolPath('nats-server'),
    args: ['--config', configFile],
    prepare: async () => {
      await mkdir(options.folder, { recursive: true });
      await writeFile(configFile, natsConfig(options));
    },
    ready: () => httpAnswers(`http://127.0.0.1:${options.monitorPort}/healthz`),
  };
}

function natsConfig({ folder, port, monitorPort, syncAlways, tls }: NatsOptions): string {
  const sync = syncAlways ? '  sync_interval: always\n' : '';
  return `server_name: botplane
listen: "127.0.0.1:${port}"
http: "127.0.0.1:${monitorPort}"
jetstream {
  store_dir: ${JSON.stringify(join(folder, 'store'))}
${sync}}
${tls ? `tls { ca_file: ${JSON.stringify(tls.caFile)}, cert_file: ${JSON.stringify(tls.certFile)}, key_file: ${JSON.stringify(tls.keyFile)}, verify: true }\n` : ''}`;
}
