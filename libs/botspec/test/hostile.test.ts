import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileManifest } from '../src/index.ts';
import { goodManifest } from './broken-manifests.ts';

const BYTES = 512 * 1024;
/** The goal is 1 s on an idle machine (bench `compile`); what must never happen is a hang. */
const MS_MAX = 30_000;
const good = goodManifest();
const head = 'meta: { name: T, locales: [en], defaultLocale: en }\nfallback: { flow: main }\n';
const fill = (piece: string, bytes = BYTES): string => piece.repeat(Math.floor(bytes / piece.length));
const numbered = (piece: (index: number) => string, bytes = BYTES): string => Array.from({ length: Math.floor(bytes / piece(9_999).length) }, (_, index) => piece(index)).join('');

function findsSomething(text: string): void {
  const begin = performance.now();
  const found = compileManifest(text);
  expect(performance.now() - begin).toBeLessThan(MS_MAX);
  expect(found.length).toBeGreaterThan(0);
  for (const { result } of found) if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
}

describe('the compiler, given 512 KB of', () => {
  it.each([
    ['opening brackets', '['.repeat(BYTES)], ['opening braces', fill('{a: ')], ['nested mappings in JSON', `${fill('{"a":')}1`], ['nested block lists', fill('- ')], ['deep values', `${head}values: ${'['.repeat(5_000)}${']'.repeat(5_000)}\nflows: {}\n`],
    ['aliases of aliases', `a0: &a0 [x]\n${numbered((i) => `a${i + 1}: &a${i + 1} [*a${i},*a${i}]\n`, 4_000)}`], ['documents', fill('---\na: 1\n')], ['quotes', `"${fill('\\u0041')}`], ['tags', fill('!a ')], ['anchors', numbered((i) => `a${i}: &b${i} c\n`)], ['comments', fill('# comment\n')],
    ['digits and underscores', `${head}values: ${fill('1_')}x\nflows: {}`], ['dashes', fill('-')], ['nothing but blanks', fill(' \n')], ['control characters', fill('\u0000\u0001\uFFFF')], ['half surrogates', fill('\uD800')],
    ['unknown keys', numbered((i) => `key${i}: 1\n`)], ['one long name', `${head}state: { ${'k'.repeat(BYTES / 2)}: { type: string } }\nflows: { main: { steps: [{ save: { ${'j'.repeat(BYTES / 2)}: 1 } }] } }`],
    ['wrong targets', `${head}flows: { main: { steps: [${numbered((i) => `{ goto: nowhere${i} },`)}] } }`], ['steps', `${head}flows: { main: { steps: [${fill('{ reply: { text: a } },')}] } }`],
    ['flows that call each other', `${head}flows:\n${numbered((i) => `  f${i}: { steps: [{ call: { flow: f${i + 1} } }, { goto: f${i} }] }\n`, 5_000)}  main: { steps: [{ goto: f0 }] }\n`],
    ['opening templates', `${head}localization: { en: { a: "${fill('{{', 4_000)}" } }\nflows: { main: { steps: [{ reply: { text: $t.a } }] } }`], ['templates', `${head}state: { k: { type: string } }\nlocalization: { en: { ${numbered((i) => `t${i}: "${fill('{{state.k}}', 4_000)}", `)} } }\nflows: { main: { steps: [{ reply: { text: $t.t0 } }] } }`],
    ['expressions', `${head}state: { k: { type: integer } }\nflows:\n${numbered((i) => `  f${i}: { steps: [${fill(`{ save: { k: "= ((state.k + 1) * 2 - ${i}) % 7" } },`, 2_400)}] }\n`)}  main: { steps: [{ goto: f0 }] }\n`],
    ['brackets in an expression', `${head}flows: { main: { steps: [{ goto: { to: end, when: "${'('.repeat(1_990)}" } }] } }`], ['a regex that grows', `${head}flows: { main: { steps: [{ ask: { text: a } }, { validate: { value: x, regex: "${'(a{1,100}'.repeat(8)}${'){1,100}'.repeat(8)}" } }] } }`],
    ['a regex of many groups', `${head}flows: { main: { steps: [{ ask: { text: a } }, { validate: { value: x, regex: "${'('.repeat(495)}${')'.repeat(495)}" } }] } }`],
    ['a schema of many levels', `${head}flows: { main: { steps: [{ ask: { text: a } }, { validate: { value: x, schema: ${'{ not: '.repeat(70)}true${' }'.repeat(70)} } }] } }`], ['more than is read', fill('a: b\n', 3 * 1024 * 1024)], ['nothing', ''],
  ])('%s answers in time', (_, text) => {
    findsSomething(text);
  });

  it('[P2] any change of a manifest, or any text at all, is answered', () => {
    const token = fc.constantFrom('{{', '}}', '[', ']', '{', '}', ': ', '- ', '\n', '\n  ', '"', "'", '&a ', '*a', '!x ', '| ', '>', '#', '%', '@', '`', '= ', '$t.', '\t', '\u2028', '---\n', '...\n', '<<: ', '? ', 'null', '~', '0x1', '1e999', '__proto__', 'constructor');
    const change = fc.tuple(fc.nat(good.length), fc.nat(40), fc.oneof(token, fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 4 })));
    fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      findsSomething(changes.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), good));
    }), { numRuns: 120 });
    fc.assert(fc.property(fc.array(fc.oneof(token, fc.string({ maxLength: 12 })), { maxLength: 60 }).map((parts) => parts.join('')), findsSomething), { numRuns: 300 });
  });
});
