import type { MessageEntity } from '@grammyjs/types';
import { ENTITIES_MAX } from '../limits.ts';

type PlainType = 'url' | 'email' | 'mention' | 'bot_command' | 'hashtag' | 'cashtag' | 'phone_number';

/** In order of precedence: what an earlier row took, a later one does not see. Each has its match in group 1. */
const PATTERNS: readonly (readonly [PlainType, RegExp])[] = [
  ['email', /(?<![\w.+-])([\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w@])/g],
  ['url', /(?<![\w@.])((?:https?|tg):\/\/[^\s<>"]{1,2000}[^\s<>".,!?:;)\]}'])/gi],
  ['url', /(?<![\w@./-])((?:[A-Za-z0-9-]{1,63}\.){1,8}(?:com|org|net|io|dev|app|me|de|ua|eu|info|example)(?:\/[^\s<>"]{0,2000}[^\s<>".,!?:;)\]}'])?)(?![\w@-])/gi],
  ['mention', /(?<![\w@])(@[A-Za-z]\w{3,31})(?!\w)/g],
  ['bot_command', /(?<![\w/<>])(\/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])/g],
  ['hashtag', /(?<![\p{L}\w#])(#[\p{L}\p{N}_]{1,256})/gu],
  ['cashtag', /(?<![\w$])(\$[A-Z]{1,8})(?!\w)/g],
  ['phone_number', /(?<![\w+.,-])(\+\d[\d ()-]{7,20}\d)(?!\w)/g],
];

/** Types inside which nothing else is looked for. */
const OPAQUE: ReadonlySet<string> = new Set(['code', 'pre', 'text_link', 'text_mention', 'custom_emoji']);

/**
 * Finds what Telegram marks by itself: commands, mentions, addresses, phone numbers, hashtags. Offsets are UTF-16
 * units. `explicit` are entities the sender gave; they stay, and nothing is marked inside code or links.
 */
export function detectEntities(text: string, explicit: readonly MessageEntity[] = []): MessageEntity[] {
  const taken: { offset: number; end: number }[] = explicit
    .filter((entity) => OPAQUE.has(entity.type))
    .map((entity) => ({ offset: entity.offset, end: entity.offset + entity.length }));
  const found: MessageEntity[] = [];
  for (const [type, pattern] of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const part = match[1] ?? '';
      const offset = match.index;
      const end = offset + part.length;
      if (taken.some((range) => offset < range.end && end > range.offset)) continue;
      if (type === 'hashtag' && /^#\d+$/.test(part)) continue;
      taken.push({ offset, end });
      found.push({ type, offset, length: part.length });
    }
  }
  return sortEntities([...explicit, ...found]).slice(0, ENTITIES_MAX);
}

/** By offset, the longer first, as Telegram lists them. */
export function sortEntities(entities: MessageEntity[]): MessageEntity[] {
  return entities.sort((a, b) => a.offset - b.offset || b.length - a.length);
}
