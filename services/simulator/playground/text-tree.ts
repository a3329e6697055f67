import type { Entity } from './types.ts';

/** Text in which entities nest: a string, or an entity around more. */
export type TextNode = string | { entity: Entity; text: string; children: TextNode[] };

/** Nests Telegram's flat entities; offsets are UTF-16 units, as in JavaScript. One that crosses another is cut at its end. */
export function textTree(text: string, entities: readonly Entity[] = []): TextNode[] {
  const sorted = entities.filter(({ offset, length }) => length > 0 && offset >= 0 && offset < text.length).sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nest(text, 0, text.length, sorted);
}

function nest(text: string, from: number, to: number, entities: readonly Entity[]): TextNode[] {
  const nodes: TextNode[] = [];
  let at = from;
  entities.forEach((entity, i) => {
    if (entity.offset < at || entity.offset >= to) return;
    const end = Math.min(to, entity.offset + entity.length);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    const inner = entities.slice(i + 1).filter((one) => one.offset < end);
    nodes.push({ entity, text: text.slice(entity.offset, end), children: nest(text, entity.offset, end, inner) });
    at = end;
  });
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

/** Where a link may lead: a web page, mail, a call, or a chat with a bot of this simulator; null: nowhere. */
export type LinkTarget = { kind: 'web' | 'mail'; url: string } | { kind: 'bot'; username: string; start: string | null } | null;

/** Only schemes that cannot run script here; t.me links stay in the playground. */
export function linkTarget(url: string): LinkTarget {
  const parsed = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `https://${url}`);
  if (!parsed) return null;
  if (parsed.protocol === 'mailto:' || parsed.protocol === 'tel:') return { kind: 'mail', url: parsed.href };
  if (parsed.protocol === 'tg:') {
    const username = parsed.hostname === 'resolve' ? parsed.searchParams.get('domain') : null;
    return username === null ? null : { kind: 'bot', username, start: parsed.searchParams.get('start') };
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return null;
  const [, username] = /^\/(\w{4,32})$/.exec(parsed.pathname) ?? [];
  if (/^(www\.)?(t|telegram)\.me$/.test(parsed.hostname) && username !== undefined) return { kind: 'bot', username, start: parsed.searchParams.get('start') };
  return { kind: 'web', url: parsed.href };
}
