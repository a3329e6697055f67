import { z } from 'zod';

/** A whole number from text, within limits. */
export const envInt = (min: number, max: number): z.ZodType<number> => z.coerce.number().int().min(min).max(max);

/** `true|1` and `false|0`. */
export const envBool = (): z.ZodType<boolean> => z.enum(['true', '1', 'false', '0']).transform((text) => text === 'true' || text === '1');

/** A whole URL of one of the given schemes, without trailing slash. */
export const envUrl = (...schemes: string[]): z.ZodType<string> =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.replace(':', '')), `must be a URL of ${schemes.join(' or ')}`).transform((text) => text.replace(/\/+$/, ''));
