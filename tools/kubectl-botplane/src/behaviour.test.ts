import type { BotSpec } from '@botplane/botspec';
import { expect, it } from 'vitest';
import { behaviourDifferences } from './behaviour.ts';

const spec = (extra: Partial<BotSpec> = {}): BotSpec => ({
  meta: { name: 'T', locales: ['en'], defaultLocale: 'en' },
  flows: { main: { steps: [{ reply: { text: 'a' } }, { id: 'size', choice: { text: 'Size?', options: [] } as never }, { reply: { text: 'c' } }] } },
  ...extra,
});
const lines = (before: BotSpec, after: BotSpec): string[] => behaviourDifferences(before, after).map(({ change, what, detail }) => [change, what, detail].filter(Boolean).join(' | '));

it('finds nothing when only the order of keys differs', () => {
  expect(lines(spec(), { flows: spec().flows, meta: { defaultLocale: 'en', locales: ['en'], name: 'T' } })).toEqual([]);
});

it('tells a step that was put in between from those that moved by it', () => {
  const [first, size, last] = spec().flows['main']?.steps ?? [];
  const after = spec({ flows: { main: { steps: [first!, { reply: { text: 'b' } }, { ...size!, choice: { text: 'Which size?', options: [] } as never }, last!] } } });
  expect(lines(spec(), after)).toEqual(['added | flow main, step 2 (reply) | {"text":"b"}', 'changed | flow main, step size (choice) | choice.text: “Size?” → “Which size?”']);
  expect(lines(after, spec())).toEqual(['removed | flow main, step 2 (reply) | {"text":"b"}', 'changed | flow main, step size (choice) | choice.text: “Which size?” → “Size?”']);
});

it('names commands, flows, texts, state and settings that came, went or changed', () => {
  const before = spec({ commands: [{ command: 'a', description: 'A', flow: 'main' }, { command: 'b', flow: 'main', hidden: true }], localization: { en: { hi: 'Hi' } }, state: { city: { type: 'string' } } });
  const after = spec({ commands: [{ command: 'a', description: 'A', flow: 'help' }], flows: { ...spec().flows, help: { steps: [{ end: null }] } }, localization: { en: { hi: 'Hello' } }, meta: { ...spec().meta, retention: '7d' } });
  expect(lines(before, after)).toEqual([
    'added | meta.retention | “7d”', 'changed | command /a | flow: “main” → “help”', 'removed | command /b', 'added | flow help | 1 step', 'changed | text hi (en) | “Hi” → “Hello”', 'removed | state city',
  ]);
});
