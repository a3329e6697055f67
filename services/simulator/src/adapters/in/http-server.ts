import type { Log, Metrics, Readiness } from '@botplane/kit/plain';
import { addHealthRoutes } from '@botplane/kit/plain';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import type { Simulator } from '../../app/simulator.ts';
import { ControlError } from '../../domain/control-error.ts';
import { CONTROL_BODY_BYTES_MAX, HTTP_KEEP_ALIVE_MS, HTTP_PARAM_CHARS_MAX } from '../../limits.ts';
import { registerBotApi } from './bot-api-routes.ts';
import { ControlRoutes } from './control-routes.ts';
import { registerPlayground } from './playground-routes.ts';
import type { Stopping } from './stopping.ts';

export interface HttpServerParts {
  simulator: Simulator;
  stopping: Stopping;
  readiness: Readiness;
  metrics: Metrics;
  log: Log;
  /** Who may use control and playground. */
  controlFrom: 'loopback' | 'anywhere';
}

/** The simulator's one server: the Bot API for everybody, control and playground for this machine, and health. */
export function makeHttpServer({ simulator, stopping, readiness, metrics, log, controlFrom }: HttpServerParts): FastifyInstance {
  const server = fastify({
    bodyLimit: CONTROL_BODY_BYTES_MAX, keepAliveTimeout: HTTP_KEEP_ALIVE_MS, forceCloseConnections: 'idle', routerOptions: { maxParamLength: HTTP_PARAM_CHARS_MAX },
  });
  addHealthRoutes(server, readiness, metrics);
  registerBotApi(server, simulator, stopping, log);
  void server.register(async (scope) => {
    scope.addHook('onRequest', async (request) => checkCaller(request, controlFrom));
    scope.setErrorHandler<FastifyError | ControlError>((error, request, reply) => refuse(error, request, reply, log));
    new ControlRoutes(simulator, stopping).register(scope);
    registerPlayground(scope, simulator, stopping);
    scope.all('/_sim/*', (request) => {
      throw new ControlError(404, `path: there is no ${request.method} ${request.url.split('?')[0]}; the README of services/simulator lists what there is`);
    });
  });
  return server;
}

/** Lets only this machine control the simulator (unless told otherwise), and no web page from elsewhere. */
function checkCaller(request: FastifyRequest, from: HttpServerParts['controlFrom']): void {
  const address = request.socket.remoteAddress ?? '';
  if (from === 'loopback' && !/^(::ffff:)?127\.|^::1$/.test(address)) throw new ControlError(403, 'address: /_sim answers to loopback only; call it from the machine it runs on, or set SIMULATOR_CONTROL_FROM=anywhere');
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) throw new ControlError(403, 'origin: pages of other sites may not use /_sim; leave the Origin header out');
}

/** Refusals of the control interface are `{error}`, whoever refuses. */
function refuse(error: FastifyError | ControlError, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  if (error instanceof ControlError) return reply.code(error.status).send({ error: error.message });
  const status = error.statusCode ?? 500;
  if (status < 500) return reply.code(status).send({ error: `body: ${error.message}; send JSON with content-type application/json` });
  log.error({ err: error, method: request.method, path: request.routeOptions.url }, 'control call failed');
  return reply.code(500).send({ error: 'internal error; the log of the simulator says more' });
}
