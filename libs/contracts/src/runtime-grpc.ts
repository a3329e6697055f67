import { fileURLToPath } from 'node:url';
import { credentials, experimental, loadPackageDefinition } from '@grpc/grpc-js';
import type { ChannelCredentials, ChannelOptions, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Options } from '@grpc/proto-loader';
import type { RuntimeClient } from './generated/botplane/runtime/v1/Runtime.js';

/** Folder of the .proto files, for servers that load them themselves (Nest's gRPC transport). */
export const PROTO_ROOT = fileURLToPath(new URL('../../../proto', import.meta.url));
export const RUNTIME_PROTO = 'botplane/runtime/v1/runtime.proto';
export const RUNTIME_PACKAGE = 'botplane.runtime.v1';

/** How messages look in JavaScript; client and server must agree, and the generated types assume it. */
export const PROTO_OPTIONS: Options = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true, includeDirs: [PROTO_ROOT] };

/** gRPC allows 4 MiB by default; bot.js and state must fit with room to spare. */
export const GRPC_MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

type RuntimeConstructor = (new (address: string, credentials: ChannelCredentials, options?: ChannelOptions) => RuntimeClient) & { service: ServiceDefinition };

/** Client class and service definition of botplane.runtime.v1.Runtime. */
export function loadRuntimeService(): RuntimeConstructor {
  const definition = loadPackageDefinition(loadSync(RUNTIME_PROTO, PROTO_OPTIONS)) as unknown as {
    botplane: { runtime: { v1: { Runtime: RuntimeConstructor } } };
  };
  return definition.botplane.runtime.v1.Runtime;
}

/** PEM files by which executors and the operator show runtime pods who they are. */
export interface RuntimeClientTls {
  /** The authority; gRPC asks for it although a pod's certificate is one that it made itself. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** How often the files are looked at. Default 30 s. */
  readonly refreshMs?: number;
}

const CERTIFICATE_REFRESH_MS = 30_000;

/**
 * How to speak to runtime pods: in plain text, or with a client certificate, whose files are read anew when they change. A runtime pod holds no
 * secret, so it makes itself a certificate that nobody signs (ADR 17): what is said to it is encrypted, and it listens only to those who show theirs.
 */
export function runtimeCredentials(tls?: RuntimeClientTls): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const files = new experimental.FileWatcherCertificateProvider({ caCertificateFile: tls.caFile, certificateFile: tls.certFile, privateKeyFile: tls.keyFile, refreshIntervalMs: tls.refreshMs ?? CERTIFICATE_REFRESH_MS });
  return experimental.createCertificateProviderChannelCredentials(files, files, { rejectUnauthorized: false, checkServerIdentity: () => undefined });
}
