import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from './api-error.ts';
import { detectEntities } from './detect-entities.ts';
import type { Formatted } from './format-html.ts';
import { formatHtml } from './format-html.ts';
import { formatMarkdown, formatMarkdownV2 } from './format-markdown.ts';

/** Text of a bot as Telegram shows it: marks parsed, blanks at both ends cut off, links and commands found. */
export function formatText(source: string, parseMode: string, given: readonly MessageEntity[]): Formatted {
  const parsed = trim(parse(source, parseMode, given));
  return { text: parsed.text, entities: detectEntities(parsed.text, parsed.entities) };
}

function parse(source: string, parseMode: string, given: readonly MessageEntity[]): Formatted {
  switch (parseMode.toLowerCase()) {
    case '': case 'none':
      return { text: source, entities: [...given] };
    case 'html':
      return formatHtml(source);
    case 'markdownv2':
      return formatMarkdownV2(source);
    case 'markdown':
      return formatMarkdown(source);
    default:
      throw badRequest('unsupported parse_mode');
  }
}

function trim({ text, entities }: Formatted): Formatted {
  const cut = text.length - text.trimStart().length;
  const trimmed = text.trim();
  if (trimmed.length === text.length) return { text, entities };
  const moved = entities.map((entity) => {
    const start = Math.max(0, entity.offset - cut);
    const end = Math.min(trimmed.length, entity.offset + entity.length - cut);
    return { ...entity, offset: start, length: end - start };
  });
  return { text: trimmed, entities: moved.filter((entity) => entity.length > 0) };
}
