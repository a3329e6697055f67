import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ControlError } from '../../domain/control-error.ts';

/** Refusals of the control interface as `{error}`. */
@Catch(ControlError)
export class ControlErrorFilter implements ExceptionFilter<ControlError> {
  catch(error: ControlError, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().code(error.status).send({ error: error.message });
  }
}
