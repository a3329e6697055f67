import { silentLog } from '@botplane/kit/plain';
import type { KnownBot } from './config.ts';
import { serve } from './serve.ts';

/** How a simulator inside another process is started; everything has a default. */
export interface SimulatorOptions {
  /** Default: 127.0.0.1. */
  host?: string;
  /** Default: 0, a free one. */
  port?: number;
  /** Folder that keeps the state over restarts; default: memory only. */
  stateDir?: string;
  /** Bots that are known at once. */
  bots?: readonly KnownBot[];
}

export interface RunningSimulator {
  /** `http://host:port` without a slash at the end. */
  url: string;
  /** Ends long polls, waits a moment for webhooks under way, writes the state. */
  close(): Promise<void>;
}

/** Starts a simulator in this process: what integration tests talk to instead of Telegram. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const config = {
    HOST: options.host ?? '127.0.0.1', PORT: options.port ?? 0, LOG_LEVEL: 'silent' as const,
    SHUTDOWN_DRAIN_MS: 0, SHUTDOWN_MS_MAX: 5_000, SIMULATOR_PORT_FILE: undefined,
    SIMULATOR_STATE_DIR: options.stateDir, SIMULATOR_CONTROL_FROM: 'loopback' as const, SIMULATOR_BOTS: [...(options.bots ?? [])],
  };
  return serve(config, silentLog());
}
