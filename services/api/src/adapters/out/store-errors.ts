import { Prisma } from '@botplane/db';
import { AppError, ErrorCode } from '@botplane/kit';

/** Prisma's codes for a pool without a free connection. */
const POOL_CODES = new Set(['P2024', 'P2037']);

/** Turns failures that are the database's into `store.unavailable`; what is our own mistake stays as it is. */
export async function storeAnswers<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    throw new AppError(ErrorCode.StoreUnavailable, 'the database does not answer; try again in a moment', {}, { cause });
  }
}

function isUnavailable(error: unknown): boolean {
  // P2xxx are answers of a living database to our queries; anything else is about reaching it.
  if (error instanceof Prisma.PrismaClientKnownRequestError) return !error.code.startsWith('P2') || POOL_CODES.has(error.code);
  return error instanceof Prisma.PrismaClientInitializationError || error instanceof Prisma.PrismaClientUnknownRequestError;
}
