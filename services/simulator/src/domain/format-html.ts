import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from './api-error.ts';

/** Text without marks and the entities that the marks meant. */
export interface Formatted {
  text: string;
  entities: MessageEntity[];
}

interface OpenTag {
  name: string;
  start: number;
  byteOffset: number;
  attributes: Record<string, string>;
}

const ENTITY_BY_TAG: Readonly<Record<string, string>> = {
  b: 'bold', strong: 'bold', i: 'italic', em: 'italic', u: 'underline', ins: 'underline', s: 'strikethrough',
  strike: 'strikethrough', del: 'strikethrough', 'tg-spoiler': 'spoiler', span: 'spoiler', code: 'code', pre: 'pre',
  a: 'text_link', blockquote: 'blockquote', 'tg-emoji': 'custom_emoji',
};

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

const utf8 = new TextEncoder();

/** UTF-8 bytes before a position: Telegram counts offsets in errors so. */
export const byteOffsetOf = (source: string, index: number): number => utf8.encode(source.slice(0, index)).length;

const cannotParse = (reason: string): Error => badRequest(`can't parse entities: ${reason}`);

/** Parses `parse_mode: HTML`; throws Telegram's 400 for tags it does not know or that do not match. */
export function formatHtml(source: string): Formatted {
  const open: OpenTag[] = [];
  const entities: MessageEntity[] = [];
  let text = '';
  let i = 0;
  while (i < source.length) {
    const char = source[i];
    if (char === '&') {
      const decoded = decodeReference(source, i);
      text += decoded.text;
      i = decoded.next;
    } else if (char !== '<') {
      text += char;
      i++;
    } else if (source[i + 1] === '/') {
      i = closeTag(source, i, open, entities, text);
    } else {
      const tag = readTag(source, i, text.length);
      open.push(tag.tag);
      i = tag.next;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) throw cannotParse(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  return { text, entities: entities.filter((entity) => entity.length > 0) };
}

function decodeReference(source: string, at: number): { text: string; next: number } {
  const match = /^&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{2,4}));?/.exec(source.slice(at, at + 12));
  if (!match) return { text: '&', next: at + 1 };
  const [whole, hex, decimal, name] = match;
  if (name !== undefined) {
    const char = NAMED[name];
    return char === undefined ? { text: '&', next: at + 1 } : { text: char, next: at + whole.length };
  }
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (code === 0 || code > 0x10ffff) return { text: '&', next: at + 1 };
  return { text: String.fromCodePoint(code), next: at + whole.length };
}

function readTag(source: string, at: number, start: number): { tag: OpenTag; next: number } {
  const byteOffset = byteOffsetOf(source, at);
  const name = /^<([^\s>]*)/.exec(source.slice(at, at + 64))?.[1]?.toLowerCase() ?? '';
  if (!(name in ENTITY_BY_TAG)) throw cannotParse(`Unsupported start tag "${name}" at byte offset ${byteOffset}`);
  const pattern = /\s+([A-Za-z_:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?|\s*(>)/gy;
  const attributes: Record<string, string> = {};
  pattern.lastIndex = at + 1 + name.length;
  for (;;) {
    const match = pattern.exec(source);
    if (!match) throw cannotParse(`Unclosed start tag at byte offset ${byteOffset}`);
    if (match[5] === '>') break;
    const value = match[2] ?? match[3] ?? match[4] ?? '';
    attributes[(match[1] ?? '').toLowerCase()] = value.replace(/&[#\w]{2,9};/g, (ref) => decodeReference(ref, 0).text);
  }
  if (name === 'span' && attributes['class'] !== 'tg-spoiler') {
    throw cannotParse(`Tag "span" must have class "tg-spoiler" at byte offset ${byteOffset}`);
  }
  return { tag: { name, start, byteOffset, attributes }, next: pattern.lastIndex };
}

function closeTag(source: string, at: number, open: OpenTag[], entities: MessageEntity[], text: string): number {
  const byteOffset = byteOffsetOf(source, at);
  const match = /^<\/([^\s>]*)\s*>/.exec(source.slice(at, at + 64));
  if (!match) throw cannotParse(`Unclosed end tag at byte offset ${byteOffset}`);
  const tag = open.pop();
  if (!tag) throw cannotParse(`Unexpected end tag at byte offset ${byteOffset}`);
  const name = (match[1] ?? '').toLowerCase();
  if (name !== '' && name !== tag.name) {
    throw cannotParse(`Unmatched end tag at byte offset ${byteOffset}, expected "</${tag.name}>", found "</${name}>"`);
  }
  const entity = makeEntity(tag, text, open, entities);
  if (entity) entities.push(entity);
  return at + match[0].length;
}

function makeEntity(tag: OpenTag, text: string, open: readonly OpenTag[], entities: MessageEntity[]): MessageEntity | null {
  const place = { offset: tag.start, length: text.length - tag.start };
  const type = ENTITY_BY_TAG[tag.name];
  if (type === 'text_link') {
    const url = tag.attributes['href'] ?? text.slice(tag.start);
    const user = /^tg:\/\/user\?id=(\d+)$/.exec(url)?.[1];
    if (user !== undefined) return { type: 'text_mention', ...place, user: { id: Number(user), is_bot: false, first_name: '' } };
    return isLink(url) ? { type: 'text_link', ...place, url } : null;
  }
  if (type === 'custom_emoji') return { type: 'custom_emoji', ...place, custom_emoji_id: tag.attributes['emoji-id'] ?? '' };
  if (type === 'blockquote' && 'expandable' in tag.attributes) return { type: 'expandable_blockquote', ...place };
  if (type === 'pre') return makePre(place, entities);
  // A code tag that fills a pre tag only names the language.
  const language = /^language-(.+)$/.exec(tag.attributes['class'] ?? '')?.[1];
  if (type === 'code' && language !== undefined && open.at(-1)?.name === 'pre') {
    return { type: 'pre', ...place, language };
  }
  return { type, ...place } as MessageEntity;
}

function makePre(place: { offset: number; length: number }, entities: MessageEntity[]): MessageEntity | null {
  const inner = entities.at(-1);
  const covered = inner?.type === 'pre' && inner.offset === place.offset && inner.length === place.length;
  return covered ? null : { type: 'pre', ...place };
}

/** Telegram drops links it cannot open and keeps their text. */
export const isLink = (url: string): boolean => /^(https?:\/\/|tg:\/\/|ton:\/\/|mailto:|tel:)?[^\s/?#]+\.?[^\s]*$/i.test(url) && url !== '';
