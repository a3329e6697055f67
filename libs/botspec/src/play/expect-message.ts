import type { FileParam } from '@botplane/contracts';
import { canonicalJson } from '@botplane/domain';
import type { Json } from '@botplane/domain';
import type { TestExpect } from '../generated/bot-spec.ts';
import type { Program } from '../program/program.ts';
import { regexFinds } from '../program/regex.ts';
import { containsPattern, matchesPattern, patternText, textPattern } from './text-pattern.ts';
import type { SentMessage } from './virtual-bot.ts';

const OURS = ['text', 'contains', 'matches', 'count', 'buttons'];

/** What differs from an `expect` of a test, or undefined. */
export function expectMessage(expected: TestExpect, message: SentMessage, program: Program, locale: string): string | undefined {
  const { text, contains, matches, count, buttons } = expected;
  const patternFor = (source: string): string[] => textPattern(source, program, locale, count);
  const got = message.text === '' ? message.method : `“${message.text}”`;
  if (text !== undefined && !matchesPattern(message.text, patternFor(text))) return `expected “${patternText(patternFor(text))}”, got ${got}`;
  if (contains !== undefined && !containsPattern(message.text, patternFor(contains))) return `expected a text with “${patternText(patternFor(contains))}”, got ${got}`;
  if (matches !== undefined && !regexFinds(matches, message.text)) return `expected a text that matches ${matches}, got ${got}`;
  return buttonsProblem(buttons, message, patternFor) ?? fieldProblem(expected, message);
}

function buttonsProblem(expected: readonly string[] | undefined, message: SentMessage, patternFor: (source: string) => string[]): string | undefined {
  if (!expected) return undefined;
  const labels = message.buttons.map(({ label }) => label);
  const patterns = expected.map(patternFor);
  if (labels.length === patterns.length && labels.every((label, index) => matchesPattern(label, patterns[index] ?? []))) return undefined;
  return `expected buttons ${list(patterns.map(patternText))}, got ${list(labels)}`;
}

function fieldProblem(expected: TestExpect, message: SentMessage): string | undefined {
  for (const [field, value] of Object.entries(expected)) {
    if (OURS.includes(field)) continue;
    const got = fileAsWritten(message.params[field], value);
    if (got === undefined || canonicalJson(got) !== canonicalJson(value)) return `expected ${field} ${JSON.stringify(value)}, got ${got === undefined ? 'none' : JSON.stringify(got)} in ${message.method}`;
  }
  return undefined;
}

/** A file of the bundle is expected by its path: its name is what the message has. */
function fileAsWritten(got: Json | undefined, expected: unknown): Json | undefined {
  const file = typeof got === 'object' && got !== null && '$file' in got ? (got as unknown as FileParam).$file : undefined;
  return file && typeof expected === 'string' && expected.startsWith('./') && expected.endsWith(`/${file.fileName}`) ? expected : got;
}

const list = (labels: readonly string[]): string => (labels.length === 0 ? 'none' : labels.map((label) => `“${label}”`).join(', '));
