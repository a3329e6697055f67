import { availableParallelism } from 'node:os';
import { envInt, httpEnv, loadConfig } from '@botplane/kit';
import { z } from 'zod';
import { CPU_MS_MAX, CPU_MS_MIN, MEMORY_MIB_MAX, MEMORY_MIB_MIN } from './limits.ts';

/** Environment of the runtime. */
export const runtimeSchema = z.object({
  ...httpEnv,
  /** Port of gRPC; 0 picks a free one. */
  GRPC_PORT: envInt(0, 65_535).default(9090),
  /** Authority (PEM, no secret) of those who may call by gRPC; with it everything is encrypted, and nobody else is heard. Default: plain text. */
  GRPC_CLIENT_CA: z.string().startsWith('-----BEGIN CERTIFICATE-----').optional(),
  /** Sandbox host processes for live traffic; default: one per core, at most 8. One more serves loads and probes. */
  SANDBOX_HOSTS: envInt(1, 64).default(() => Math.min(8, availableParallelism())),
  /** Live isolates of this pod, about 3.6 MiB each with a usual bot. */
  SANDBOX_ISOLATES_MAX: envInt(1, 2_000).default(300),
  /** An isolate that was not used for so long is ended. */
  SANDBOX_IDLE_TTL_MS: envInt(100, 24 * 3_600_000).default(15 * 60_000),
  /** Memory of an isolate whose revision asks for nothing. */
  SANDBOX_MEMORY_MIB: envInt(MEMORY_MIB_MIN, MEMORY_MIB_MAX).default(32),
  /** Time of one step whose revision asks for nothing. */
  SANDBOX_CPU_MS: envInt(CPU_MS_MIN, CPU_MS_MAX).default(100),
});
export type RuntimeConfig = Readonly<z.output<typeof runtimeSchema>>;

/** Reads the environment; a bad one ends the process. */
export const loadRuntimeConfig = (): RuntimeConfig => loadConfig(runtimeSchema, process.env);
