import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from './api-error.ts';
import type { Formatted } from './format-html.ts';
import { byteOffsetOf, isLink } from './format-html.ts';

const RESERVED: ReadonlySet<string> = new Set('_*[]()~`>#+-=|{}.!');

interface OpenMark {
  mark: string;
  type: string;
  start: number;
  at: number;
}

const cannotParse = (reason: string): Error => badRequest(`can't parse entities: ${reason}`);

/** Marks in the order they are tried; `__` before `_`. */
const MARKS: readonly (readonly [string, string])[] = [
  ['||', 'spoiler'], ['__', 'underline'], ['*', 'bold'], ['_', 'italic'], ['~', 'strikethrough'],
];

/** Parses `parse_mode: MarkdownV2`; throws Telegram's 400 for a mark that is not closed or not escaped. */
export function formatMarkdownV2(source: string): Formatted {
  const parser = new MarkdownV2(source);
  return parser.run();
}

class MarkdownV2 {
  private text = '';
  private readonly entities: MessageEntity[] = [];
  private readonly open: OpenMark[] = [];
  private quoteStart: number | null = null;
  private i = 0;

  constructor(private readonly source: string) {}

  run(): Formatted {
    while (this.i < this.source.length) this.step();
    const unclosed = this.open.at(-1);
    if (unclosed) {
      const name = unclosed.type === 'text_link' ? 'TextUrl' : unclosed.type.replace(/^./, (c) => c.toUpperCase());
      throw cannotParse(`Can't find end of ${name} entity at byte offset ${byteOffsetOf(this.source, unclosed.at)}`);
    }
    this.endQuote();
    return { text: this.text, entities: this.entities.filter((entity) => entity.length > 0) };
  }

  private step(): void {
    const { source, i } = this;
    const char = source[i] ?? '';
    if (i === 0 || source[i - 1] === '\n') {
      if (char === '>') return this.quoteLine();
      this.endQuote();
    }
    if (char === '\\' && isEscapable(source.charCodeAt(i + 1))) return this.literal(source[i + 1] ?? '', 2);
    if (source.startsWith('```', i)) return this.pre();
    if (char === '`') return this.code();
    if (char === '[' || (char === '!' && source[i + 1] === '[')) return this.openLink(char === '!' ? 2 : 1);
    if (char === ']' && this.open.at(-1)?.type === 'text_link') return this.closeLink();
    this.markOrLiteral(char);
  }

  private markOrLiteral(char: string): void {
    const { source, i } = this;
    const mark = MARKS.find(([sign]) => source.startsWith(sign, i));
    if (mark) return this.toggle(mark[0], mark[1]);
    if (RESERVED.has(char)) {
      throw cannotParse(`Character '${char}' is reserved and must be escaped with the preceding '\\'`);
    }
    this.literal(char, 1);
  }

  private literal(text: string, consumed: number): void {
    this.text += text;
    this.i += consumed;
  }

  private quoteLine(): void {
    this.quoteStart ??= this.text.length;
    this.i += 1;
  }

  private endQuote(): void {
    if (this.quoteStart === null) return;
    const length = this.text.replace(/\n$/, '').length - this.quoteStart;
    this.entities.push({ type: 'blockquote', offset: this.quoteStart, length });
    this.quoteStart = null;
  }

  private toggle(sign: string, type: string): void {
    const top = this.open.at(-1);
    // "__" directly after an open "_" closes the italic one first.
    if (sign === '__' && top?.mark === '_') return this.toggle('_', 'italic');
    if (top?.mark === sign) {
      this.open.pop();
      this.entities.push({ type, offset: top.start, length: this.text.length - top.start } as MessageEntity);
    } else {
      this.open.push({ mark: sign, type, start: this.text.length, at: this.i });
    }
    this.i += sign.length;
  }

  private verbatim(fence: string, type: 'Code' | 'Pre'): string {
    const from = this.i + fence.length;
    let body = '';
    for (let j = from; j < this.source.length; j++) {
      if (this.source[j] === '\\' && isEscapable(this.source.charCodeAt(j + 1))) body += this.source[++j];
      else if (this.source.startsWith(fence, j)) {
        this.i = j + fence.length;
        return body;
      } else body += this.source[j];
    }
    throw cannotParse(`Can't find end of ${type} entity at byte offset ${byteOffsetOf(this.source, this.i)}`);
  }

  private code(): void {
    const body = this.verbatim('`', 'Code');
    this.entities.push({ type: 'code', offset: this.text.length, length: body.length });
    this.text += body;
  }

  private pre(): void {
    const body = this.verbatim('```', 'Pre');
    const language = /^([^\s`]+)\n/.exec(body)?.[1];
    const content = language === undefined ? body.replace(/^\n/, '') : body.slice(language.length + 1);
    const place = { offset: this.text.length, length: content.length };
    this.entities.push(language === undefined ? { type: 'pre', ...place } : { type: 'pre', ...place, language });
    this.text += content;
  }

  private openLink(consumed: number): void {
    this.open.push({ mark: consumed === 2 ? '![' : '[', type: 'text_link', start: this.text.length, at: this.i });
    this.i += consumed;
  }

  private closeLink(): void {
    const top = this.open.pop() as OpenMark;
    const place = { offset: top.start, length: this.text.length - top.start };
    const match = /^\]\(((?:\\.|[^)\\])*)\)/.exec(this.source.slice(this.i));
    if (!match) {
      if (this.source[this.i + 1] === '(') {
        throw cannotParse(`Can't find end of a URL at byte offset ${byteOffsetOf(this.source, this.i + 1)}`);
      }
      this.i += 1;
      return;
    }
    this.i += match[0].length;
    const url = (match[1] ?? '').replace(/\\(.)/g, '$1');
    const emoji = /^tg:\/\/emoji\?id=(\d+)$/.exec(url)?.[1];
    if (top.mark === '![' && emoji !== undefined) this.entities.push({ type: 'custom_emoji', ...place, custom_emoji_id: emoji });
    else if (isLink(url)) this.entities.push({ type: 'text_link', ...place, url });
  }
}

const isEscapable = (code: number): boolean => code > 0 && code <= 126;

const LEGACY: Readonly<Record<string, string>> = { '*': 'bold', _: 'italic', '`': 'code' };

/** Parses the legacy `parse_mode: Markdown`, which nests nothing. */
export function formatMarkdown(source: string): Formatted {
  const entities: MessageEntity[] = [];
  let text = '';
  let i = 0;
  const unclosed = (at: number): Error =>
    cannotParse(`Can't find end of the entity starting at byte offset ${byteOffsetOf(source, at)}`);
  while (i < source.length) {
    const char = source[i] ?? '';
    if (char === '\\' && '_*`['.includes(source[i + 1] ?? ' ')) {
      text += source[i + 1];
      i += 2;
    } else if (char === '[') {
      const match = /^\[([^\]]*)\](?:\(([^)]*)\))?/.exec(source.slice(i));
      if (!match) throw unclosed(i);
      const [whole, label = '', url] = match;
      if (url !== undefined && isLink(url)) entities.push({ type: 'text_link', offset: text.length, length: label.length, url });
      text += label;
      i += whole.length;
    } else if (char in LEGACY) {
      const fence = source.startsWith('```', i) ? '```' : char;
      const end = source.indexOf(fence, i + fence.length);
      if (end < 0) throw unclosed(i);
      const body = source.slice(i + fence.length, end);
      const type = fence === '```' ? 'pre' : LEGACY[char];
      entities.push({ type, offset: text.length, length: body.length } as MessageEntity);
      text += body;
      i = end + fence.length;
    } else {
      text += char;
      i++;
    }
  }
  return { text, entities: entities.filter((entity) => entity.length > 0) };
}
