import { Server } from '@grpc/grpc-js';
import type { ServerCredentials } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { ServerGrpc } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import { GRPC_MESSAGE_BYTES_MAX, PROTO_OPTIONS } from '@botplane/contracts/grpc';
import { makeServerCredentials } from './grpc-credentials.ts';
import { GRPC_SHUTDOWN_MS_MAX } from './limits.ts';

export interface GrpcTransportOptions {
  readonly host: string;
  /** 0 picks a free port; `port` of the transport tells which. */
  readonly port: number;
  /** Proto package, e.g. botplane.runtime.v1. */
  readonly package: string;
  /** Path of the .proto file below PROTO_ROOT. */
  readonly protoPath: string;
  /** Authority (PEM) of the clients; with it the server speaks TLS and refuses everybody else. Default: plain text. */
  readonly clientCa?: string;
}

/**
 * Nest's gRPC transport with health and reflection, bound only once its handlers are there.
 * Services end their own streams in onModuleDestroy; what is open after 2 s is cut.
 */
export class GrpcTransport extends ServerGrpc {
  private readonly settings: GrpcTransportOptions;
  private readonly health = new HealthImplementation({ '': 'SERVING' });
  private boundPort = 0;

  constructor(settings: GrpcTransportOptions) {
    super({
      package: settings.package,
      protoPath: settings.protoPath,
      loader: { ...PROTO_OPTIONS, includeDirs: [...(PROTO_OPTIONS.includeDirs ?? [])] },
      onLoadPackageDefinition: (definition: PackageDefinition, server: Server) => {
        this.health.addToServer(server);
        new ReflectionService(definition).addToServer(server);
      },
    });
    this.settings = settings;
  }

  /** The port that was really taken; 0 before. */
  get port(): number {
    return this.boundPort;
  }

  /** Tells watchers of grpc.health.v1 whether to send calls here. */
  setServing(serving: boolean): void {
    this.health.setStatus('', serving ? 'SERVING' : 'NOT_SERVING');
  }

  override async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const server = new Server({ 'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX, 'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX });
      this.grpcClient = server;
      await this.bindEvents();
      this.boundPort = await bind(server, `${this.settings.host}:${this.settings.port}`, await makeServerCredentials(this.settings.clientCa));
      callback();
    } catch (error) {
      callback(error);
    }
  }

  override async close(): Promise<void> {
    const server = this.grpcClient as Server | null;
    this.grpcClient = null;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => {
        server.forceShutdown();
        resolve();
      }, GRPC_SHUTDOWN_MS_MAX);
      server.tryShutdown(() => {
        clearTimeout(cut);
        resolve();
      });
    });
  }
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
}
