import type { Log } from '@botplane/kit';
import { AppError, toErrorAnswer } from '@botplane/kit';
import { Catch, Inject } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RequestError } from './parse.ts';
import { LOG } from './tokens.ts';

/** Every failure in one shape: `{error: {code, message, field?}}`. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const { status, body } = toErrorAnswer(thrown);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (status >= 500) this.log.error({ err: thrown, status }, 'request failed');
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    const retryAfterSeconds = thrown instanceof AppError ? thrown.fields['retryAfterSeconds'] : undefined;
    if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds);
    const field = thrown instanceof RequestError ? { field: thrown.field } : {};
    void reply.status(status).send({ error: { ...body.error, ...field } });
  }
}
