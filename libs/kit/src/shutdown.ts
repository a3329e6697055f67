import type { Log } from './log.ts';

export interface ShutdownOptions {
  readonly log: Log;
  /** Ends everything; a second signal does not call it again. */
  readonly close: () => Promise<void>;
  /** After this the process exits with 1 whatever still runs. */
  readonly msMax: number;
}

/**
 * Ends the process on SIGTERM and SIGINT: exit code 0 after an orderly end, 1 after a failed or late one.
 * A rejection nobody handles or an exception nobody catches is a bug: logged, exit code 1, and whoever started us starts us again.
 */
export function exitOnSignals({ log, close, msMax }: ShutdownOptions): void {
  let closing = false;
  const end = (signal: NodeJS.Signals): void => {
    if (closing) return;
    closing = true;
    log.info({ signal }, 'shutting down');
    setTimeout(() => {
      log.error({ msMax }, 'shutdown took too long');
      process.exit(1);
    }, msMax).unref();
    close().then(
      () => {
        log.info('shut down');
        process.exit(0);
      },
      (err: unknown) => {
        log.error({ err }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  exitOnBugs(log);
}

function exitOnBugs(log: Log): void {
  process.on('unhandledRejection', (err) => {
    log.fatal({ err }, 'unhandled rejection');
    process.exit(1);
  });
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'uncaught exception');
    process.exit(1);
  });
}
