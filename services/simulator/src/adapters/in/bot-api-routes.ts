import type { Log } from '@botplane/kit/plain';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Upload } from '../../app/methods/params.ts';
import type { Simulator } from '../../app/simulator.ts';
import { UPLOAD_BYTES_MAX } from '../../limits.ts';
import type { Stopping } from './stopping.ts';

interface Route {
  Params: { token: string; method: string };
  Querystring: Record<string, unknown>;
}

interface ReadBody {
  params: Record<string, unknown>;
  files: Upload[];
}

/**
 * The Bot API as plain Fastify routes: they carry the load, and Telegram's manners (any content type, answers in its
 * own shape) fit no framework.
 */
export function registerBotApi(fastify: FastifyInstance, simulator: Simulator, stopping: Stopping, log: Log): void {
  void fastify.register(async (scope) => {
    await readTelegramBodies(scope);
    const handler = (request: FastifyRequest<Route>, reply: FastifyReply): Promise<unknown> => answer(simulator, stopping, request, reply);
    scope.route<Route>({ method: ['GET', 'POST'], url: '/bot:token/:method', bodyLimit: UPLOAD_BYTES_MAX, errorHandler: (error, _request, reply) => refuseBody(error, reply, log), handler });
    scope.get<{ Params: { token: string; id: string } }>('/file/bot:token/files/:id', (request, reply) => {
      const file = simulator.accounts.find(request.params.token)?.files.get(request.params.id);
      if (!file || !('bytes' in file)) return reply.code(404).send({ ok: false, error_code: 404, description: 'Not Found' });
      return reply.type('application/octet-stream').send(file.bytes);
    });
  });
}

/** JSON, forms and uploads; an empty body is no parameters, and any other body is ignored, as at Telegram. */
async function readTelegramBodies(scope: FastifyInstance): Promise<void> {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string));
    } catch (error) {
      done(Object.assign(error as Error, { statusCode: 400 }));
    }
  });
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body as string)));
  });
  await scope.register(multipart, { limits: { fileSize: UPLOAD_BYTES_MAX, files: 20, fieldSize: 1024 * 1024 } });
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null, {}));
}

/** Bodies that cannot be read are refused in Telegram's shape, too. */
function refuseBody(error: unknown, reply: FastifyReply, log: Log): void {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const code = status === 413 ? 413 : status < 500 ? 400 : 500;
  const description = code === 413 ? 'Request Entity Too Large' : code === 400 ? "Bad Request: can't parse request body" : 'Internal Server Error';
  if (code === 500) log.error({ err: error }, 'bot api call failed');
  void reply.code(code).send({ ok: false, error_code: code, description });
}

async function answer(simulator: Simulator, stopping: Stopping, request: FastifyRequest<Route>, reply: FastifyReply): Promise<unknown> {
  const { token, method } = request.params;
  const body = await readBody(request);
  const outcome = await simulator.botApi.call({
    token, method, files: body.files, params: { ...request.query, ...body.params }, abort: () => stopping.signalFor(reply.raw),
  });
  if (outcome.kind === 'hang_up') {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  void reply.code(outcome.status).header('content-type', 'application/json');
  return JSON.stringify(outcome.body);
}

async function readBody(request: FastifyRequest): Promise<ReadBody> {
  if (request.isMultipart()) return readMultipart(request);
  const { body } = request;
  return { params: typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {}, files: [] };
}

async function readMultipart(request: FastifyRequest): Promise<ReadBody> {
  const read: ReadBody = { params: {}, files: [] };
  for await (const part of request.parts()) {
    if (part.type === 'field') read.params[part.fieldname] = part.value;
    else {
      const bytes = await part.toBuffer();
      read.files.push({ field: part.fieldname, fileName: part.filename, mimeType: part.mimetype, bytes });
    }
  }
  return read;
}
