import { AppError, ErrorCode } from '@botplane/kit';
import type { z } from 'zod';

/** A request that cannot be understood, with the part that is wrong. */
export class RequestError extends AppError {
  readonly field: string;

  constructor(field: string, message: string) {
    super(ErrorCode.RequestInvalid, message);
    this.field = field;
  }
}

/** Reads a part of a request; the first problem becomes a RequestError. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, part: 'path' | 'query' | 'body'): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // An unknown key is reported for the object that holds it.
  const path = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : (issue?.path ?? []);
  const field = [part, ...path].join('.');
  throw new RequestError(field, `${field}: ${issue?.message ?? 'is not valid'}; /openapi.json says what is allowed`);
}
