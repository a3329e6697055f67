import type { ComponentChild, JSX } from 'preact';
import type { Entity } from './types.ts';

interface Props {
  text: string;
  entities?: Entity[] | undefined;
  onCommand: (command: string) => void;
}

/** Text with Telegram's entities; they nest, and offsets are UTF-16 units, as in JavaScript. */
export function RichText({ text, entities = [], onCommand }: Props): JSX.Element {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return <>{render(text, 0, text.length, sorted, onCommand)}</>;
}

function render(text: string, from: number, to: number, entities: Entity[], onCommand: Props['onCommand']): ComponentChild[] {
  const parts: ComponentChild[] = [];
  let at = from;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    if (!entity || entity.offset < at || entity.offset >= to) continue;
    const end = Math.min(to, entity.offset + entity.length);
    if (entity.offset > at) parts.push(text.slice(at, entity.offset));
    const inner = entities.slice(i + 1).filter((one) => one.offset < end);
    parts.push(wrap(entity, text.slice(entity.offset, end), render(text, entity.offset, end, inner, onCommand), onCommand));
    at = end;
  }
  if (at < to) parts.push(text.slice(at, to));
  return parts;
}

const TAGS: Readonly<Record<string, 'strong' | 'em' | 'u' | 's' | 'code' | 'blockquote'>> = {
  bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code', blockquote: 'blockquote', expandable_blockquote: 'blockquote',
};

function wrap(entity: Entity, plain: string, children: ComponentChild[], onCommand: Props['onCommand']): ComponentChild {
  const Tag = TAGS[entity.type];
  if (Tag !== undefined) return <Tag>{children}</Tag>;
  switch (entity.type) {
    case 'spoiler': return <span class="spoiler" tabIndex={0}>{children}</span>;
    case 'pre': return <pre><code>{children}</code></pre>;
    case 'text_link': return <Link url={entity.url ?? ''}>{children}</Link>;
    case 'url': return <Link url={/^[a-z]+:/i.test(plain) ? plain : `https://${plain}`}>{children}</Link>;
    case 'email': return <Link url={`mailto:${plain}`}>{children}</Link>;
    case 'phone_number': return <Link url={`tel:${plain}`}>{children}</Link>;
    case 'bot_command': return <button type="button" class="link" onClick={() => onCommand(plain)}>{children}</button>;
    case 'mention': case 'hashtag': case 'cashtag': case 'text_mention': return <span class="tinted">{children}</span>;
    default: return children;
  }
}

/** A link of a bot: only schemes that cannot run script here. */
function Link({ url, children }: { url: string; children: ComponentChild }): JSX.Element {
  if (!/^(https?|mailto|tel|tg):/i.test(url)) return <span class="tinted">{children}</span>;
  return <a href={url} target="_blank" rel="noreferrer noopener">{children}</a>;
}
