import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.ts';

/** Nest's own messages as fields of ours; its start-up chatter is for `debug`. */
export class NestLog implements LoggerService {
  private readonly target: Log;

  constructor(target: Log) {
    this.target = target;
  }

  log(message: unknown, ...context: unknown[]): void {
    this.target.debug({ nest: message, context }, 'nest');
  }
  debug(message: unknown, ...context: unknown[]): void {
    this.target.trace({ nest: message, context }, 'nest');
  }
  verbose(message: unknown, ...context: unknown[]): void {
    this.target.trace({ nest: message, context }, 'nest');
  }
  warn(message: unknown, ...context: unknown[]): void {
    this.target.warn({ nest: message, context }, 'nest warned');
  }
  error(message: unknown, ...context: unknown[]): void {
    this.target.error({ err: message instanceof Error ? message : new Error(String(message)), context }, 'nest failed');
  }
  fatal(message: unknown, ...context: unknown[]): void {
    this.target.fatal({ err: message instanceof Error ? message : new Error(String(message)), context }, 'nest failed');
  }
}
