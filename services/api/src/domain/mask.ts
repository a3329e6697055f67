import type { Json } from '@botplane/domain';
import { MASK_DEPTH_MAX } from '../limits.ts';

/** What stands for a value that is left out. */
export const MASK = '***';

/** Texts under these names say what something is, not what a person said. Everything else is masked: a list of what is personal would be out of date tomorrow. */
const PLAIN_TEXTS = new Set(['type', 'kind', 'method', 'lane', 'revision', 'parse_mode', 'currency', 'status', 'chat', 'key', 'botId', 'ref', 'action']);
/** Numbers that tell where somebody is. */
const PERSONAL_NUMBERS = new Set(['latitude', 'longitude', 'horizontal_accuracy', 'heading', 'date_of_birth']);

/** The shape, ids and kinds of a payload without what people wrote, their names and places. */
export function maskPersonal(value: Json, name = '', depth = 0): Json {
  if (typeof value === 'string') return PLAIN_TEXTS.has(name) ? value : MASK;
  if (typeof value === 'number') return PERSONAL_NUMBERS.has(name) ? MASK : value;
  if (value === null || typeof value === 'boolean') return value;
  if (depth >= MASK_DEPTH_MAX) return MASK;
  if (Array.isArray(value)) return value.map((item) => maskPersonal(item, name, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskPersonal(item, key, depth + 1)]));
}
