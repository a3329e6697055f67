import { formatText } from './format-text.ts';

type Block = Record<string, unknown>;

const isObject = (value: unknown): value is Block => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The blocks of a rich message and its plain words. Given blocks are kept as they are; HTML and Markdown become a
 * paragraph per line, without the marks that are finer than that.
 */
export function richTextOf(rich: Readonly<Record<string, unknown>>): { blocks: Block[]; words: string } {
  const { blocks, html, markdown } = rich;
  if (Array.isArray(blocks)) return { blocks: blocks as Block[], words: blocks.map(wordsOf).filter((words) => words !== '').join('\n') };
  const source = typeof html === 'string' ? plainHtml(html) : plainMarkdown(typeof markdown === 'string' ? markdown : '');
  const lines = source.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return { blocks: lines.map((line) => ({ type: 'paragraph', text: line })), words: lines.join('\n') };
}

/** What a person reads of a piece of rich text, however deep it lies. */
function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(wordsOf).join('');
  if (!isObject(value)) return '';
  const parts = ['text', 'caption', 'blocks', 'items', 'summary', 'expression', 'alternative_text'].map((field) => wordsOf(value[field]));
  return parts.filter((part) => part !== '').join('\n');
}

/** Block tags end lines; the rest is HTML of messages where that can read it, and loses its tags where it cannot. */
function plainHtml(html: string): string {
  const lined = html.replaceAll(/<\/?(?:p|div|h[1-6]|li|ul|ol|tr|table|br|hr|blockquote|details|summary)\b[^>]{0,200}>/gi, '\n');
  try {
    return formatText(lined, 'HTML', []).text;
  } catch {
    return lined.replaceAll(/<[^>]{0,500}>/g, '');
  }
}

function plainMarkdown(markdown: string): string {
  return markdown.replaceAll(/^#{1,6}\s+/gm, '').replaceAll(/(\*\*|__|~~|`)/g, '').replaceAll(/\[([^\]]{0,500})\]\([^)]{0,2000}\)/g, '$1');
}
