import pino from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { redactText } from './redact.ts';

/** Structured log: constant lower-case message, values as fields, the error under `err`. */
export type Log = Logger;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly name: string;
  /** Default: info. */
  readonly level?: LogLevel;
  /** Default: standard output, written synchronously so that the last lines of a dying process are there. */
  readonly destination?: DestinationStream;
}

/** Makes the log of a process: JSON lines with secrets removed from every one of them. */
export function createLog({ name, level = 'info', destination }: LogOptions): Log {
  return pino(
    { name, level, hooks: { streamWrite: redactText }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/** A log that writes nothing. */
export const silentLog = (): Log => pino({ level: 'silent' });
