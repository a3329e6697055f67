import { join } from 'node:path';
import {
  apiServerRecipe,
  clusterFiles,
  controllerManagerRecipe,
  etcdRecipe,
  httpAnswers,
  natsRecipe,
  postgresRecipe,
  s3Recipe,
  schedulerRecipe,
  type ProcessRecipe,
} from '@botplane/testing';
import { SERVICES as IMAGES } from '../../../images/services.mjs';
import { networkAddress } from '../node/pod-network.ts';
import { ROOT } from '../paths.ts';
import {
  DATABASE,
  databaseUrl,
  httpsUrl,
  httpUrl,
  INSTALL_NAMESPACE,
  natsUrl,
  RUNTIME_IMAGE,
  S3_BUCKET,
  s3Variables,
  type Environment,
} from './addresses.ts';
import type { PortName } from './ports.ts';
import { buildFingerprint, entryPoint, programState, RUNTIME, SERVICES, type Program } from './programs.ts';

/** One process under the supervisor. */
export interface ChildDefinition {
  readonly name: string;
  readonly recipe: ProcessRecipe;
  /** Started after these are ready, stopped before them. */
  readonly after: readonly string[];
  readonly url: string;
  /** What a running child was started from; undefined for programs that are not ours. */
  readonly fingerprint?: () => string;
}

/** All children of an environment. Services without source are left out. */
export function childDefinitions(environment: Environment): ChildDefinition[] {
  const services = SERVICES.filter((program) => programState(program) === 'built');
  return [...platform(environment), ...services.map((program) => service(environment, program))];
}

function platform(environment: Environment): ChildDefinition[] {
  const { paths, allocation, credentials } = environment;
  const { ports } = allocation;
  const files = clusterFiles(paths.cluster);
  const data = (name: string): string => join(paths.data, name);
  const tls = (port: number): string => `https://127.0.0.1:${port}`;
  const etcd = etcdRecipe({ folder: data('etcd'), port: ports.etcd, peerPort: ports.etcdPeer, fsync: true });
  const nats = natsRecipe({ folder: data('nats'), port: ports.nats, monitorPort: ports.natsMonitor, syncAlways: true });
  const { postgresPassword: password, s3AccessKey: accessKey, s3SecretKey: secretKey } = credentials;
  const postgres = { folder: data('postgres'), port: ports.postgres, password, database: DATABASE, fsync: true };
  const s3 = s3Recipe({ folder: data('s3'), port: ports.s3, accessKey, secretKey, bucket: S3_BUCKET });
  const api = apiServerRecipe({ files, port: ports.kubeApiServer, etcdPort: ports.etcd });
  const controllers = controllerManagerRecipe({ files, port: ports.controllerManager });
  const scheduler = schedulerRecipe({ files, port: ports.scheduler });
  return [
    { name: 'etcd', recipe: etcd, after: [], url: httpUrl(environment, 'etcd') },
    { name: 'nats', recipe: nats, after: [], url: natsUrl(environment) },
    { name: 's3', recipe: s3, after: [], url: httpUrl(environment, 's3') },
    { name: 'postgres', recipe: postgresRecipe(postgres), after: [], url: `postgresql://127.0.0.1:${ports.postgres}` },
    { name: 'kube-apiserver', recipe: api, after: ['etcd'], url: tls(ports.kubeApiServer) },
    { name: 'kube-controller-manager', recipe: controllers, after: ['kube-apiserver'], url: tls(ports.controllerManager) },
    { name: 'kube-scheduler', recipe: scheduler, after: ['kube-apiserver'], url: tls(ports.scheduler) },
    quoteServer(environment),
    localNode(environment),
  ];
}

/** The shop of the examples: what bots may call as shop.example. */
function quoteServer(environment: Environment): ChildDefinition {
  const entry = join(import.meta.dirname, '../quote/main.js');
  return ownProgram(environment, { name: 'quote', port: 'quote', entry, env: {}, after: [], folder: 'tools/local' });
}

/** Runs the pods. Starts before the services, since a service may wait for pods but no pod waits for a service. */
function localNode(environment: Environment): ChildDefinition {
  const { paths, allocation } = environment;
  const files = clusterFiles(paths.cluster);
  const runtime = { command: process.execPath, args: ['--no-node-snapshot', entryPoint(RUNTIME)] };
  const env = {
    KUBECONFIG: files.kubeconfig('local-node'),
    NODE_ADDRESS: networkAddress(allocation.podNetwork),
    STATE_FOLDER: paths.pods,
    IMAGES: JSON.stringify({ [RUNTIME_IMAGE]: runtime }),
    CA_CERT_FILE: files.caCert,
    CA_KEY_FILE: files.caKey,
  };
  const entry = join(import.meta.dirname, '../node/main.js');
  const child = ownProgram(environment, {
    name: 'local-node',
    port: 'localNode',
    entry,
    env,
    after: ['kube-apiserver'],
    folder: 'tools/local',
  });
  const programs = [RUNTIME, { name: 'local-node', folder: 'tools/local' }];
  return { ...child, fingerprint: () => programs.map(buildFingerprint).join('/') };
}

/** OpenTelemetry's variables of whoever starts the environment, for those that send traces; runtime pods reach no collector. */
function tracingVariables(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (name.startsWith('OTEL_') && value !== undefined ? [[name, value]] : [])));
}

function service(environment: Environment, program: Program): ChildDefinition {
  const settings = serviceSettings(environment)[program.name];
  if (!settings) throw new Error(`no settings for the service ${program.name}`);
  const port = program.name as PortName;
  const env = program.name === 'simulator' ? settings.env : { ...tracingVariables(), ...settings.env };
  return ownProgram(environment, { name: program.name, port, entry: entryPoint(program), folder: program.folder, ...settings, env });
}

interface ServiceSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly after: readonly string[];
}

function serviceSettings(environment: Environment): Record<string, ServiceSettings> {
  const { paths, credentials } = environment;
  const nats = { NATS_URL: natsUrl(environment) };
  const telegram = { BOTPLANE_TELEGRAM_API: httpUrl(environment, 'simulator') };
  const tokenKey = { BOTPLANE_TOKEN_KEY_FILE: credentials.tokenKeyFile };
  const secretsKey = { BOTPLANE_SECRETS_KEY_FILE: credentials.secretsKeyFile };
  const egressRoutes = JSON.stringify([{ host: 'shop.example', to: httpUrl(environment, 'quote') }]);
  return {
    simulator: { env: { SIMULATOR_STATE_DIR: join(paths.data, 'simulator') }, after: [] },
    ingress: { env: { ...nats, ...tokenKey }, after: ['nats'] },
    executor: {
      env: { ...nats, ...secretsKey, ...s3Variables(environment), BOTPLANE_EGRESS_ROUTES: egressRoutes },
      after: ['nats', 's3'],
    },
    delivery: { env: { ...nats, ...telegram, ...tokenKey, ...s3Variables(environment) }, after: ['nats', 's3'] },
    api: {
      env: {
        ...nats,
        DATABASE_URL: databaseUrl(environment),
        BOTPLANE_API_ADMIN_KEY_FILE: credentials.apiAdminKeyFile,
      },
      after: ['nats', 'postgres'],
    },
    operator: {
      env: {
        ...nats,
        ...telegram,
        ...tokenKey,
        ...secretsKey,
        ...s3Variables(environment),
        KUBECONFIG: clusterFiles(paths.cluster).kubeconfig('operator'),
        BOTPLANE_NAMESPACE: INSTALL_NAMESPACE,
        // There is one: started again after a crash, it takes its own lease over at once.
        POD_NAME: 'operator',
        BOTPLANE_RUNTIME_IMAGE: RUNTIME_IMAGE,
        BOTPLANE_RUNTIME_LOG_LEVEL: process.env['LOG_LEVEL'] || 'info',
        BOTPLANE_WEBHOOK_URL: httpUrl(environment, 'ingress'),
        BOTPLANE_ADMISSION_PORT: String(environment.allocation.ports.admission),
        BOTPLANE_ADMISSION_URL: httpsUrl(environment, 'admission'),
      },
      // The CRDs are installed between kube-apiserver and the operator.
      after: ['kube-apiserver', 'nats', 's3', 'crds'],
    },
  };
}

interface OwnProgram extends ServiceSettings {
  readonly name: string;
  readonly port: PortName;
  readonly entry: string;
  readonly folder: string;
}

function ownProgram(environment: Environment, program: OwnProgram): ChildDefinition {
  const url = httpUrl(environment, program.port);
  const recipe: ProcessRecipe = {
    name: program.name,
    command: process.execPath,
    args: [...(IMAGES[program.name]?.options ?? ['--enable-source-maps']), program.entry],
    cwd: ROOT,
    env: {
      HOST: '127.0.0.1',
      PORT: String(environment.allocation.ports[program.port]),
      LOG_LEVEL: process.env['LOG_LEVEL'] || 'info',
      NODE_ENV: 'production',
      ...IMAGES[program.name]?.env,
      ...program.env,
    },
    ready: () => httpAnswers(`${url}/readyz`),
  };
  const { name, folder, after } = program;
  return { name, recipe, after, url, fingerprint: () => buildFingerprint({ name, folder }) };
}
