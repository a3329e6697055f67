import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileBotSpec, runTests } from '../src/index.ts';
import type { BotSpec, TestCase } from '../src/index.ts';
import { specOf } from './rule-spec.ts';
import type { Part, RuleSpec } from './rule-spec.ts';

/** One sentence of the language, and a bot that would behave otherwise without it. */
interface Rule extends RuleSpec {
  rule: string;
  /** Other keys of the test. */
  test?: Part;
  steps?: Part[];
  error?: Part;
  warning?: Part;
  /** So many messages, and no more. */
  count?: number;
  /** A text of so many characters is too much. */
  long?: number;
  /** No button with this label is left. */
  gone?: string;
}

const folder = new URL('./rules/', import.meta.url);

function stepsOf({ steps = [], count, long, gone }: Rule): Part[] {
  const last = { expect: { contains: 'went wrong' } };
  if (count !== undefined) return [{ say: '/go' }, ...Array.from({ length: count }, (_, index) => ({ expect: { text: String(index) } })), { silence: true }];
  if (long !== undefined) return [{ say: '/go' }, { expect: { text: '?' } }, { say: 'x'.repeat(long) }, last];
  return gone === undefined ? steps : [...steps, { tap: gone }];
}

function outcome(rule: Rule): unknown {
  const spec = { ...specOf(rule), tests: [{ name: 'it', ...rule.test, steps: stepsOf(rule) } as unknown as TestCase] };
  const compiled = compileBotSpec(rule.error || rule.warning ? specOf(rule) : spec);
  if (rule.error) return compiled.ok ? 'compiles' : compiled.errors;
  if (!compiled.ok) return compiled.errors;
  return rule.warning ? compiled.warnings : runTests(spec as unknown as BotSpec, compiled.program);
}

describe.each(readdirSync(folder))('%s', (file) => {
  it.each(parse(readFileSync(new URL(file, folder), 'utf8')) as Rule[])('[P1] $rule', (rule) => {
    const found = outcome(rule);
    if (rule.error) expect(found).toEqual([expect.objectContaining(rule.error)]);
    else if (rule.warning) expect(found).toEqual(expect.arrayContaining([expect.objectContaining(rule.warning)]));
    else if (rule.gone !== undefined) expect(found).toMatchObject([{ ok: false, problem: `there is no button “${rule.gone}”; buttons: none` }]);
    else expect(found).toEqual([{ name: 'it', ok: true }]);
  });
});
