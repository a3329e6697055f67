import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { toAppError } from './app-error.ts';
import type { Log } from './log.ts';

/** What a caller gets to see of a failure. */
export interface ErrorAnswer {
  status: number;
  body: { error: { code: string; message: string } };
}

/** Maps anything thrown to an HTTP answer; the text of unknown errors stays inside. */
export function toErrorAnswer(thrown: unknown): ErrorAnswer {
  if (thrown instanceof HttpException) return answer(thrown.getStatus(), 'http', thrown.message);
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  // Fastify's own refusals (body too large, bad JSON) carry a statusCode below 500.
  if (typeof status === 'number' && status >= 400 && status < 500) return answer(status, 'http', (thrown as Error).message);
  const error = toAppError(thrown);
  return answer(error.disposition.http, error.code, error.message);
}

const answer = (status: number, code: string, message: string): ErrorAnswer => ({ status, body: { error: { code, message } } });

/** Answers failures of Nest controllers by the disposition table and logs those that are our fault. */
export class AppExceptionFilter implements ExceptionFilter {
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const { status, body } = toErrorAnswer(thrown);
    if (status >= 500) this.log.error({ err: thrown, status }, 'request failed');
    void host.switchToHttp().getResponse<FastifyReply>().status(status).send(body);
  }
}
Catch()(AppExceptionFilter); // Not in decorator form, so that Node can run these sources as they are.
