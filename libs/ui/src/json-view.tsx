import type { ComponentChild, JSX } from 'preact';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?/g;

/** JSON with colours. */
export function JsonView({ value, label }: { value: unknown; label: string }): JSX.Element {
  const text = JSON.stringify(value, null, 2) ?? 'undefined';
  const parts: ComponentChild[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(at, match.index));
    const kind = match[2] !== undefined ? 'key' : match[1] !== undefined ? 'string' : 'literal';
    parts.push(<span class={`json-${kind}`}>{match[1] ?? match[0]}</span>, match[2] ?? '');
    at = match.index + match[0].length;
  }
  return <pre class="json" tabIndex={0} role="region" aria-label={label}>{parts}{text.slice(at)}</pre>;
}
