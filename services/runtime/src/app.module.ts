import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { RUNTIME_PACKAGE, RUNTIME_PROTO } from '@botplane/contracts/grpc';
import { GrpcTransport, provideValue } from '@botplane/kit';
import type { ServiceDefinition, ServiceKit } from '@botplane/kit';
import { RuntimeController } from './adapters/in/runtime.controller.ts';
import { startHostProcess } from './adapters/out/host-process.ts';
import { runtimeMetrics } from './adapters/out/prometheus-metrics.ts';
import { SandboxPool } from './app/sandbox-pool.ts';
import type { RuntimeConfig } from './config.ts';

/** Composition root of the runtime. */
@Module({})
export class AppModule {
  static create({ config, log, metrics, readiness }: ServiceKit<RuntimeConfig>): DynamicModule {
    const pool: SandboxPool = new SandboxPool(
      { hosts: config.SANDBOX_HOSTS, isolatesMax: config.SANDBOX_ISOLATES_MAX, idleTtlMs: config.SANDBOX_IDLE_TTL_MS, memoryMiB: config.SANDBOX_MEMORY_MIB, cpuMs: config.SANDBOX_CPU_MS },
      { startHost: startHostProcess, metrics: runtimeMetrics(metrics, { callsInHand: () => pool.size, revisionsLoaded: () => pool.loaded }), log },
    );
    readiness.add('sandbox-hosts', () => pool.ready);
    return { module: AppModule, controllers: [RuntimeController], providers: [provideValue(SandboxPool, pool)] };
  }
}

/** The service with its gRPC transport; `transport.port` is known once it runs. */
export function runtimeService(config: RuntimeConfig): ServiceDefinition<RuntimeConfig> & { transport: GrpcTransport } {
  const transport = new GrpcTransport({ host: config.HOST, port: config.GRPC_PORT, package: RUNTIME_PACKAGE, protoPath: RUNTIME_PROTO, ...(config.GRPC_CLIENT_CA === undefined ? {} : { clientCa: config.GRPC_CLIENT_CA }) });
  return { name: 'runtime', config, transport, module: AppModule.create, transports: () => [transport] };
}
