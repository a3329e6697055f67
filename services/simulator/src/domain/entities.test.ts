import { describe, expect, it } from 'vitest';
import { detectEntities } from './detect-entities.ts';
import { formatText } from './format-text.ts';

const marked = (text: string): string[] => detectEntities(text).map((e) => `${e.type}:${text.slice(e.offset, e.offset + e.length)}`);

describe('entities found in plain text', () => {
  it.each([
    ['/start abc', ['bot_command:/start']],
    ['run /order@shop_bot now', ['bot_command:/order@shop_bot']],
    ['a/b is no command', []],
    ['mail a.b@c.org or @someone', ['email:a.b@c.org', 'mention:@someone']],
    ['see https://x.dev/a?b=1. And x.example', ['url:https://x.dev/a?b=1', 'url:x.example']],
    ['call +49 30 123456', ['phone_number:+49 30 123456']],
    ['#кава #1 $EUR', ['hashtag:#кава', 'cashtag:$EUR']],
    ['3.5 or 12,5 or 2026-11-20', []],
  ])('%s', (text, expected) => expect(marked(text)).toEqual(expected));

  it('counts offsets in UTF-16 units', () => {
    expect(detectEntities('☕🍰 /go')).toEqual([{ type: 'bot_command', offset: 4, length: 3 }]);
  });
});

describe('HTML', () => {
  it('nests marks and decodes references', () => {
    expect(formatText('<b>a <i>b</i></b> &lt;&amp;&#33;', 'HTML', [])).toEqual({
      text: 'a b <&!',
      entities: [{ type: 'bold', offset: 0, length: 3 }, { type: 'italic', offset: 2, length: 1 }],
    });
  });
  it('knows links, languages of code, spoilers and quotes', () => {
    const { entities } = formatText(
      '<a href="https://x.dev/?a=1&amp;b=2">l</a><pre><code class="language-ts">x</code></pre><span class="tg-spoiler">s</span><blockquote expandable>q</blockquote>', 'html', [],
    );
    expect(entities.map(({ offset: _, length: __, ...rest }) => rest)).toEqual([
      { type: 'text_link', url: 'https://x.dev/?a=1&b=2' }, { type: 'pre', language: 'ts' }, { type: 'spoiler' }, { type: 'expandable_blockquote' },
    ]);
  });
  it('moves entities when blanks at the ends are cut off', () => {
    expect(formatText('\n <b>x</b> ', 'HTML', [])).toEqual({ text: 'x', entities: [{ type: 'bold', offset: 0, length: 1 }] });
  });
  it('looks for nothing inside code', () => {
    expect(formatText('<code>/start</code> /go', 'HTML', []).entities.map((e) => e.type)).toEqual(['code', 'bot_command']);
  });
  it.each([
    ['<b>x', "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""],
    ['é<foo>x</foo>', "Bad Request: can't parse entities: Unsupported start tag \"foo\" at byte offset 2"],
    ['<b>x</i>', "Bad Request: can't parse entities: Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""],
    ['x</b>', "Bad Request: can't parse entities: Unexpected end tag at byte offset 1"],
    ['a < b', "Bad Request: can't parse entities: Unsupported start tag \"\" at byte offset 2"],
  ])('refuses %s in Telegram\'s words', (text, message) => expect(() => formatText(text, 'HTML', [])).toThrow(message));
});

describe('MarkdownV2', () => {
  it('reads its marks', () => {
    expect(formatText('*b _i_* __u__ ~s~ ||p|| `c\\`` [l](https://x.dev/\\))', 'MarkdownV2', [])).toEqual({
      text: 'b i u s p c` l',
      entities: [
        { type: 'bold', offset: 0, length: 3 }, { type: 'italic', offset: 2, length: 1 }, { type: 'underline', offset: 4, length: 1 },
        { type: 'strikethrough', offset: 6, length: 1 }, { type: 'spoiler', offset: 8, length: 1 }, { type: 'code', offset: 10, length: 2 },
        { type: 'text_link', offset: 13, length: 1, url: 'https://x.dev/)' },
      ],
    });
  });
  it('reads code with a language and quotes of several lines', () => {
    expect(formatText('```ts\nx=1;```\n>a\n>b\nc', 'MarkdownV2', [])).toEqual({
      text: 'x=1;\na\nb\nc',
      entities: [{ type: 'pre', offset: 0, length: 4, language: 'ts' }, { type: 'blockquote', offset: 5, length: 3 }],
    });
  });
  it.each([
    ['Hi!', "Bad Request: can't parse entities: Character '!' is reserved and must be escaped with the preceding '\\'"],
    ['*x', "Bad Request: can't parse entities: Can't find end of Bold entity at byte offset 0"],
    ['a `x', "Bad Request: can't parse entities: Can't find end of Code entity at byte offset 2"],
  ])('refuses %s', (text, message) => expect(() => formatText(text, 'MarkdownV2', [])).toThrow(message));
});

it('reads legacy Markdown and refuses an unclosed mark', () => {
  expect(formatText('*b* _i_ [l](x.dev)', 'Markdown', []).entities.map((e) => e.type)).toEqual(['bold', 'italic', 'text_link']);
  expect(() => formatText('snake_case', 'Markdown', [])).toThrow("Can't find end of the entity starting at byte offset 5");
});
