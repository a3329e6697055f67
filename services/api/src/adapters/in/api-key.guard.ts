import { AppError, ErrorCode } from '@botplane/kit';
import { Inject, SetMetadata } from '@nestjs/common';
import type { CanActivate, CustomDecorator, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Authenticate, requireScope } from '../../app/authenticate.ts';
import type { Caller, Scope } from '../../domain/api-key.ts';
import { RateLimiter } from '../../domain/rate-limiter.ts';

const SCOPE = 'botplane:scope';

/** The scope that a route needs. A route of a guarded controller without one is refused. */
export const NeedsScope = (scope: Scope): CustomDecorator => SetMetadata(SCOPE, scope);

/** A request whose caller is known. */
export interface CalledRequest extends FastifyRequest {
  caller: Caller;
}

/** Lets a request through when its API key is valid, not too fast, and has the route's scope. */
export class ApiKeyGuard implements CanActivate {
  constructor(
    @Inject(Authenticate) private readonly authenticate: Authenticate,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<CalledRequest>();
    const caller = await this.authenticate.execute(request.headers.authorization);
    const waitMs = this.limiter.take(caller.keyId, Date.now());
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1_000);
      throw new AppError(ErrorCode.RateLimited, `too many requests with this API key; try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
    }
    const scope = Reflect.getMetadata(SCOPE, context.getHandler()) as Scope | undefined;
    if (scope === undefined) throw new Error(`route ${context.getHandler().name} names no scope`);
    requireScope(caller, scope);
    request.caller = caller;
    return true;
  }
}
