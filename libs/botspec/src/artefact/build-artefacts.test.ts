import { engineRange } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { expect, it } from 'vitest';
import { compileBotSpec } from '../compile/compile.ts';
import { buildArtefacts } from './build-artefacts.ts';

it('marks in bot.js the very engine that the passport names, whatever characters are in it and behind it', () => {
  const spec = { meta: { name: 'Grüße', locales: ['de'], defaultLocale: 'de' }, fallback: { flow: 'hello' }, flows: { hello: { steps: [{ reply: { text: 'Grüße 👋' } }] } } };
  const compiled = compileBotSpec(spec);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  const { files, passport, encode } = buildArtefacts({ botId: 'b', spec, compiled, limits: { memoryMiB: 0, cpuMs: 0 }, secretNames: [] });
  const botJs = Buffer.from(files['bot.js']);
  expect(Buffer.from(encode()['bot.js']).equals(botJs)).toBe(true);
  expect(passport.files['bot.js']).toEqual({ sha256: sha256Hex(botJs), bytes: botJs.byteLength });
  const range = engineRange(botJs);
  expect(sha256Hex(botJs.subarray(range?.start, range?.end))).toBe(passport.compiler.engineSha256);
  expect(botJs.subarray(range?.end).toString()).toMatch(/^;botplane\.init\(.*Grüße 👋.*\);\n$/);
});
