import { regexProblem } from '../program/regex.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import { listOf, ownOf, recordOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { didYouMean } from './suggest.ts';
import { checkedDuration } from './wait-steps.ts';

const KINDS = ['say', 'send', 'tap', 'wait', 'expect', 'answer', 'silence'];

/** Checks `tests:` as far as that needs no run: kinds of steps, texts that exist, names. */
export function checkTests(c: Compilation): void {
  const seen = new Set<unknown>();
  listOf(c.spec['tests']).map(recordOf).forEach((test, index) => {
    const path = join('tests', index);
    const { name, now } = test;
    if (typeof name === 'string' && seen.has(name)) c.out.error({ code: 'duplicate_name', path: join(path, 'name'), found: name, message: `test \`${name}\` stands here twice`, remedy: 'choose another name' });
    seen.add(name);
    if (typeof now === 'string' && Number.isNaN(Date.parse(now))) c.out.error({ code: 'bad_format', path: join(path, 'now'), found: now, message: `\`${now}\` is not a time`, remedy: 'ISO 8601: "2026-01-01T12:00:00Z"' });
    listOf(test['steps']).forEach((step, at) => checkStep(recordOf(step), join(join(path, 'steps'), at), c));
  });
}

function checkStep(step: Raw, path: string, c: Compilation): void {
  const kinds = KINDS.filter((kind) => Object.hasOwn(step, kind));
  if (kinds.length !== 1) c.out.error({ code: 'test_step', path, found: kinds.join(', '), message: kinds.length === 0 ? 'the step of a test does nothing' : `the step of a test has ${kinds.join(' and ')}`, remedy: `give exactly one of ${KINDS.join(', ')}` });
  for (const kind of ['say', 'tap', 'answer']) checkText(step[kind], join(path, kind), c);
  if (step['wait'] !== undefined) checkedDuration(step['wait'], join(path, 'wait'), c);
  if (step['silence'] === false) c.out.error({ code: 'bad_format', path: join(path, 'silence'), found: false, message: '`silence` is true, or left out', remedy: 'use expect for a message that must come' });
  checkExpect(recordOf(step['expect']), join(path, 'expect'), c);
}

function checkExpect(expected: Raw, path: string, c: Compilation): void {
  for (const kind of ['text', 'contains']) checkText(expected[kind], join(path, kind), c);
  listOf(expected['buttons']).forEach((label, index) => checkText(label, join(join(path, 'buttons'), index), c));
  const { matches } = expected;
  const problem = typeof matches === 'string' ? regexProblem(matches) : undefined;
  if (problem !== undefined) c.out.error({ code: 'bad_regex', path: join(path, 'matches'), found: matches, message: problem, remedy: 'RE2 syntax: no lookaround, no backreferences' });
}

function checkText(text: unknown, path: string, c: Compilation): void {
  if (typeof text !== 'string' || !text.startsWith('$t.')) return;
  const block = recordOf(recordOf(c.spec['localization'])[c.defaultLocale]);
  if (ownOf(block, text.slice(3)) === undefined) c.out.error({ code: 'unknown_text', path, found: text, message: `text \`${text.slice(3)}\` does not exist`, remedy: didYouMean(text.slice(3), Object.keys(block)) ?? `add localization.${c.defaultLocale}.${text.slice(3)}` });
}
