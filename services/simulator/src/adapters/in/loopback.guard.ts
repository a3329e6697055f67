import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ControlError } from '../../domain/control-error.ts';

/** Lets only this machine control the simulator, and no web page from elsewhere. */
export class LoopbackGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const address = request.socket.remoteAddress ?? '';
    if (!/^(::ffff:)?127\.|^::1$/.test(address)) throw new ControlError(403, 'address: /_sim answers to loopback only; call it from the machine it runs on');
    const { origin, host } = request.headers;
    if (origin !== undefined && origin !== `http://${host}`) throw new ControlError(403, 'origin: pages of other sites may not use /_sim; leave the Origin header out');
    return true;
  }
}
