import { z } from 'zod';
import { envInt, envUrl } from './env.ts';
import { SHUTDOWN_MS_MAX_DEFAULT } from './limits.ts';
import { LOG_LEVELS } from './log.ts';
import { tracingEnv } from './tracing/config.ts';

/** Environment variables as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration that cannot be used; `problems` has one line per bad variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`bad configuration: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** Reads a configuration; an empty variable counts as missing. Throws ConfigError that names every problem. */
export function parseConfig<S extends z.ZodType>(schema: S, env: Environment): Readonly<z.output<S>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return Object.freeze(result.data as object) as Readonly<z.output<S>>;
  throw new ConfigError(result.error.issues.map((issue) => `${issue.path.join('.') || 'environment'}: ${issue.message}`));
}

/** `parseConfig` for a main.ts: prints all problems and exits with 1. */
export function loadConfig<S extends z.ZodType>(schema: S, env: Environment): Readonly<z.output<S>> {
  try {
    return parseConfig(schema, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`bad configuration:\n${error.problems.map((problem) => `  ${problem}\n`).join('')}`);
    process.exit(1);
  }
}

/** Variables of every service. */
export const httpEnv = {
  /** Address to listen on. */
  HOST: z.string().default('0.0.0.0'),
  /** Port of HTTP: routes, /healthz, /readyz, /metrics; 0 picks a free one. */
  PORT: envInt(0, 65_535).default(8080),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  /** Readiness is off for so long before the service stops accepting. */
  SHUTDOWN_DRAIN_MS: envInt(0, 60_000).default(0),
  /** The whole shutdown, drain included. */
  SHUTDOWN_MS_MAX: envInt(100, 600_000).default(SHUTDOWN_MS_MAX_DEFAULT),
  ...tracingEnv,
} as const;

/** Where JetStream is. */
export const natsEnv = {
  /** One or more servers, separated by commas. */
  NATS_URL: z.string().min(1),
  /** File with a user's credentials (`nats creds`); none by default. */
  NATS_CREDS_FILE: z.string().optional(),
  /** PEM file with the authorities of the servers' certificates; turns TLS on. */
  NATS_CA_FILE: z.string().optional(),
  /** PEM files of this client's certificate and key, for servers that ask for one; both or none. */
  NATS_CERT_FILE: z.string().optional(),
  NATS_KEY_FILE: z.string().optional(),
  /** Copies of each stream and bucket: 1, or 3 with a NATS cluster. The same for all services of an install. */
  NATS_STREAM_REPLICAS: envInt(1, 5).default(1),
} as const;

/** How operator and executors show runtime pods who they are: PEM files, all three or none (plain text). */
export const runtimeTlsEnv = {
  RUNTIME_CA_FILE: z.string().optional(),
  RUNTIME_CERT_FILE: z.string().optional(),
  RUNTIME_KEY_FILE: z.string().optional(),
} as const;

/** Where the artefacts are. */
export const s3Env = {
  S3_ENDPOINT: envUrl('http', 'https'),
  S3_ACCESS_KEY: z.string().min(1),
  S3_SECRET_KEY: z.string().min(1),
  S3_BUCKET: z.string().min(3),
  S3_REGION: z.string().min(1).default('us-east-1'),
} as const;

/** The same for a service that can do without an object store: all of it or nothing. */
export const optionalS3Env = z.object(s3Env).partial().shape;

/** Undefined when no object store is configured. Throws when it is in part. */
export function readS3Config(config: Readonly<z.output<z.ZodObject<typeof optionalS3Env>>>): S3Config | undefined {
  return config.S3_ENDPOINT === undefined ? undefined : z.object(s3Env).parse(config);
}

/** File with the install key that opens token envelopes: 32 bytes as base64. */
export const tokenKeyEnv = { BOTPLANE_TOKEN_KEY_FILE: z.string().min(1) } as const;
/** File with the install key that opens secretRefs envelopes: 32 bytes as base64. */
export const secretsKeyEnv = { BOTPLANE_SECRETS_KEY_FILE: z.string().min(1) } as const;

const httpSchema = z.object(httpEnv);
/** What runService needs to know. */
export type HttpConfig = z.output<typeof httpSchema>;
const s3Schema = z.object(s3Env);
export type S3Config = z.output<typeof s3Schema>;
const natsSchema = z.object(natsEnv);
export type NatsConfig = z.output<typeof natsSchema>;

/** What libs/nats wants to know to connect; `name` is shown in the server's list of connections. Throws ConfigError for half of a client certificate. */
export function natsSettings(config: NatsConfig, name: string): { url: string; name: string; credsFile?: string; tls?: { caFile: string; client?: { certFile: string; keyFile: string } } } {
  const { NATS_URL: url, NATS_CREDS_FILE: credsFile, NATS_CA_FILE: caFile, NATS_CERT_FILE: certFile, NATS_KEY_FILE: keyFile } = config;
  if ((certFile === undefined) !== (keyFile === undefined)) throw new ConfigError(['NATS_CERT_FILE, NATS_KEY_FILE: give both or none']);
  if (certFile !== undefined && caFile === undefined) throw new ConfigError(['NATS_CA_FILE: needed with NATS_CERT_FILE']);
  const client = certFile === undefined || keyFile === undefined ? {} : { client: { certFile, keyFile } };
  return { url, name, ...(credsFile === undefined ? {} : { credsFile }), ...(caFile === undefined ? {} : { tls: { caFile, ...client } }) };
}

/** The files of `runtimeTlsEnv`; undefined: plain text. Throws ConfigError when some are missing. */
export function runtimeTls(config: Readonly<z.output<z.ZodObject<typeof runtimeTlsEnv>>>): { caFile: string; certFile: string; keyFile: string } | undefined {
  const { RUNTIME_CA_FILE: caFile, RUNTIME_CERT_FILE: certFile, RUNTIME_KEY_FILE: keyFile } = config;
  if (caFile !== undefined && certFile !== undefined && keyFile !== undefined) return { caFile, certFile, keyFile };
  if (caFile ?? certFile ?? keyFile) throw new ConfigError(['RUNTIME_CA_FILE, RUNTIME_CERT_FILE, RUNTIME_KEY_FILE: give all or none']);
  return undefined;
}
