import { toolPath } from '@botplane/bootstrap';
import { clusterFiles, postgresUrl } from '@botplane/testing';
import type { LocalPaths } from '../paths.ts';
import type { Credentials } from './credentials.ts';
import type { Allocation, PortName } from './ports.ts';

/** Everything that the parts of an environment need to know about each other. */
export interface Environment {
  readonly paths: LocalPaths;
  readonly allocation: Allocation;
  readonly credentials: Credentials;
}

/** Bucket of the artefacts. */
export const S3_BUCKET = 'botplane';
/** Database of the services. */
export const DATABASE = 'botplane';
/** Namespace of the installation. */
export const INSTALL_NAMESPACE = 'botplane-system';
/** The one image that the local node knows. */
export const RUNTIME_IMAGE = 'botplane/runtime:dev';

export const httpUrl = ({ allocation }: Environment, name: PortName): string =>
  `http://127.0.0.1:${allocation.ports[name]}`;

export const httpsUrl = ({ allocation }: Environment, name: PortName): string => `https://127.0.0.1:${allocation.ports[name]}`;

export const natsUrl = ({ allocation }: Environment): string => `nats://127.0.0.1:${allocation.ports.nats}`;

/** `S3_*` variables as services and scripts know them. */
export function s3Variables(environment: Environment): Record<string, string> {
  return {
    S3_ENDPOINT: httpUrl(environment, 's3'),
    S3_ACCESS_KEY: environment.credentials.s3AccessKey,
    S3_SECRET_KEY: environment.credentials.s3SecretKey,
    S3_BUCKET,
  };
}

export function databaseUrl({ allocation, credentials }: Environment): string {
  const { postgresPassword: password } = credentials;
  return postgresUrl({ port: allocation.ports.postgres, password, database: DATABASE });
}

/** The variables of `.local/env`; those of services that are left out are left out too. */
export function scriptVariables(environment: Environment, running: ReadonlySet<string>): Record<string, string> {
  const urlOf = (service: PortName, variable: string): Record<string, string> =>
    running.has(service) ? { [variable]: httpUrl(environment, service) } : {};
  return {
    KUBECONFIG: clusterFiles(environment.paths.cluster).kubeconfig('admin'),
    KUBECTL: toolPath('kubectl'),
    ...urlOf('ingress', 'BOTPLANE_INGRESS_URL'),
    ...urlOf('api', 'BOTPLANE_API_URL'),
    ...(running.has('api') ? { BOTPLANE_API_ADMIN_KEY_FILE: environment.credentials.apiAdminKeyFile } : {}),
    ...urlOf('simulator', 'BOTPLANE_SIMULATOR_URL'),
    ...urlOf('simulator', 'BOTPLANE_TELEGRAM_API'),
    NATS_URL: natsUrl(environment),
    DATABASE_URL: databaseUrl(environment),
    ...s3Variables(environment),
  };
}
