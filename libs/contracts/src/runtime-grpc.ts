import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
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
