import { markEngine } from '@botplane/contracts';
import type { RevisionPassport } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { expect, it } from 'vitest';
import { preflight } from './preflight.ts';

function setup(code: string) {
  const files = { 'bot.js': Buffer.from(code), 'spec.json': Buffer.from('{}'), 'rev.json': Buffer.from('{}') };
  const of = (data: Buffer) => ({ sha256: sha256Hex(data), bytes: data.byteLength });
  return { files, passport: { files: { 'bot.js': of(files['bot.js']), 'spec.json': of(files['spec.json']) } } as RevisionPassport };
}

it('passes a script that parses and is what its passport says', () => {
  const { files, passport } = setup('globalThis.botplane = { run: () => "{}" };');
  expect(preflight(files, passport)).toEqual([]);
});

it('refuses code that is not one classic script', () => {
  const { files, passport } = setup("import fs from 'node:fs';");
  expect(preflight(files, passport)).toEqual([expect.stringContaining('does not parse')]);
});

it('refuses files that are not what the passport says', () => {
  const { files, passport } = setup('1;');
  expect(preflight({ ...files, 'bot.js': Buffer.from('2;') }, passport)).toEqual(['bot.js is not what rev.json says']);
});

it('refuses an engine that is not the compiler\'s own', () => {
  const { files, passport } = setup(`${markEngine('engine();')}bot();`);
  const compiler = { name: 'test', version: '1', engineSha256: sha256Hex('engine();') };
  expect(preflight(files, { ...passport, compiler })).toEqual([]);
  expect(preflight(files, { ...passport, compiler: { ...compiler, engineSha256: sha256Hex('other();') } })).toEqual(['the engine in bot.js is not what rev.json says']);
});

it('refuses an engine that does not parse, and what follows one, each time', () => {
  const passportOf = (code: string, engine: string) => {
    const { files, passport } = setup(code);
    return preflight(files, { ...passport, compiler: { name: 'test', version: '1', engineSha256: sha256Hex(engine) } });
  };
  for (let time = 0; time < 2; time++) {
    expect(passportOf(`${markEngine('engine(;')}bot();`, 'engine(;')).toEqual([expect.stringContaining('does not parse')]);
    expect(passportOf(`${markEngine('engine();')}bot(;`, 'engine();')).toEqual([expect.stringContaining('does not parse')]);
    expect(passportOf(`${markEngine('engine();')}bot();`, 'engine();')).toEqual([]);
  }
});
