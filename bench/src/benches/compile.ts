import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileManifest } from '@botplane/botspec';
import { ROOT } from '@botplane/e2e';
import type { BenchRun } from '../framework/bench-run.ts';

/** From the text of a file to a program, as lint and operator do. */
const SAMPLE_MS_MAX = 15;
const LARGE_MS_MAX = 1_000;
const LARGE_BYTES = 512 * 1024;
const ROUNDS = 30;
const ROUNDS_QUICK = 10;
const LARGE_ROUNDS = 5;
const LARGE_ROUNDS_QUICK = 3;

/** Compiles coffee-club, and a spec as large as the language allows. */
export function compile(bench: BenchRun): Promise<boolean> {
  const sample = readFileSync(join(ROOT, 'examples/coffee-club/bot.yaml'), 'utf8');
  const large = largeSpec();
  // The first compiles warm the processor's and V8's caches, as they are in an operator.
  times(sample, 5);
  const samples = times(sample, bench.isQuick ? ROUNDS_QUICK : ROUNDS);
  const larges = times(large, bench.isQuick ? LARGE_ROUNDS_QUICK : LARGE_ROUNDS);
  console.log(`sample: coffee-club ${samples.length} times, a spec of ${Math.round(large.length / 1024)} KB ${larges.length} times`);
  return Promise.resolve(bench.report(
    { kind: 'absolute', figure: 'coffee_club_ms', values: samples, unit: 'ms', limit: { max: SAMPLE_MS_MAX } },
    { kind: 'absolute', figure: 'spec_512kb_ms', values: larges, unit: 'ms', limit: { max: LARGE_MS_MAX } },
  ));
}

function times(text: string, rounds: number): number[] {
  return Array.from({ length: rounds }, () => {
    const beganMs = performance.now();
    for (const { result } of compileManifest(text)) if (!result.ok) throw new Error(`the spec does not compile: ${JSON.stringify(result.errors[0])}`);
    return performance.now() - beganMs;
  });
}

/** Flows of all kinds of steps, with texts in two languages, up to the limit of the language. */
function largeSpec(): string {
  const flow = (index: number): string => `  f${index}:
    timeout: { after: 30m, goto: late }
    steps:
${Array.from({ length: 8 }, (_, step) => `      - id: s${step}
        choice: { text: $t.text${step}, options: [{ text: Small, value: small }, { text: Large, value: large }, { text: Stop, goto: end }], columns: 2, save: size }
      - branch: [{ when: 'state.size == "small" && state.cups + ${step} > 3', goto: late }, { when: has(state.quote.total) && state.quote.total * 1.2 > 10.0, goto: s0 }]
      - save: { cups: "= state.cups + ${step + 1}", size: "{{context.user.first_name}}-${index}" }
      - reply: { text: "Dear {{context.user.first_name}}, that is {{state.cups}} of {{state.size}}. ${'Thank you for your patience. '.repeat(8)}", reply_markup: { inline_keyboard: [[{ text: More, goto: f${Math.max(0, index - 1)} }]] } }
`).join('')}    labels:
      late: [{ reply: { text: $t.text0 } }]
`;
  const texts = (language: string): string => Array.from({ length: 40 }, (_, n) => `    text${n}: "${language} ${n} {{state.size}} ${'lorem ipsum '.repeat(6)}"\n`).join('');
  const head = `meta: { name: Large, locales: [en, de], defaultLocale: en }
localization:
  en:
${texts('en')}  de:
${texts('de')}state:
  size: { type: string }
  cups: { type: integer }
  quote: { type: object }
fallback: { flow: f0 }
flows:
`;
  let text = head;
  for (let index = 0; index < 99; index++) {
    const next = flow(index);
    if (text.length + next.length > LARGE_BYTES) break;
    text += next;
  }
  return text;
}
