import { z } from 'zod';
import type { Json } from '@botplane/domain';
import { OPERATIONS } from './operations.ts';
import type { Operation } from './operations.ts';
import { errorView } from './schemas.ts';

type JsonObject = { [name: string]: Json };

/** The OpenAPI 3.1 document of all operations, made from the schemas that also check the requests. */
export function makeOpenApi(): JsonObject {
  const paths: { [path: string]: JsonObject } = {};
  for (const operation of OPERATIONS) (paths[operation.path] ??= {})[operation.method] = describe(operation);
  return {
    openapi: '3.1.0',
    info: { title: 'Botplane API', version: '1.0.0', description: 'Campaigns, dead letters, kept messages, API keys and the audit log of a Botplane install.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'bp_<id>_<secret>' } },
      schemas: { Error: jsonSchema(errorView, 'output') },
    },
  };
}

function describe(operation: Operation): JsonObject {
  const { id, summary, scope, body, status, answer } = operation;
  return {
    operationId: id,
    summary,
    ...(scope === null ? {} : { description: `Needs the scope \`${scope}\`.`, security: [{ apiKey: [] }] }),
    parameters: [...parameters(operation.params, 'path'), ...parameters(operation.query, 'query')],
    ...(body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } } }),
    responses: {
      [status]: { description: 'Done.', content: { 'application/json': { schema: jsonSchema(answer, 'output') } } },
      default: { description: 'Not done; `error.message` says what to do.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    },
  };
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = jsonSchema(schema, 'input') as { properties: { [name: string]: JsonObject }; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({ name, in: place, required: required?.includes(name) ?? false, schema: property }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as JsonObject;
  return rest;
}
