import type { Template } from './program.ts';

/** `{{ path }}` with its blanks; a backslash before it makes it literal. */
const SUBSTITUTION = /(\\?)\{\{([^{}]*)\}\}/g;
const PATH = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_-]+)*$/;

export interface ParsedTemplate {
  template: Template;
  /** What stands between braces and is no path. */
  bad: string[];
}

/** Splits a text at its substitutions. `keep` leaves a substitution as it stands (secrets in headers). */
export function parseTemplate(text: string, keep: (path: string) => boolean = () => false): ParsedTemplate {
  const template: Template = [];
  const bad: string[] = [];
  let literal = '';
  let at = 0;
  for (const match of text.matchAll(SUBSTITUTION)) {
    const path = (match[2] ?? '').trim();
    literal += text.slice(at, match.index);
    at = match.index + match[0].length;
    if (match[1] === '\\') literal += match[0].slice(1);
    else if (keep(path)) literal += `{{${path}}}`;
    else if (!PATH.test(path)) bad.push(path);
    else {
      if (literal !== '') template.push(literal);
      literal = '';
      template.push({ p: path.split('.') });
    }
  }
  literal += text.slice(at);
  if (literal !== '') template.push(literal);
  return { template, bad };
}

/** The text itself when nothing is substituted. */
export function constantText(template: Template): string | undefined {
  return template.every((part) => typeof part === 'string') ? template.join('') : undefined;
}
