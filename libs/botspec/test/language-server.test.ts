import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applyChange, brokenManifests, goodManifest } from './broken-manifests.ts';
import { LanguageServer } from './language-server.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
/** The line that a person puts at the top of a file. What follows stands one line further down, so the editor's line from 0 is lint's from 1. */
const withSchema = (name: string, text: string): string => `# yaml-language-server: $schema=${new URL(`docs/botspec/${name}`, ROOT).href}\n${text}`;
const uriOf = (name: string): string => new URL(`of-the-test/${encodeURIComponent(name)}.yaml`, ROOT).href;

let server: LanguageServer;
beforeAll(async () => {
  server = new LanguageServer();
  await server.start();
});
afterAll(async () => server?.stop());

describe('[P2] in an editor with the YAML language server', () => {
  it('nothing is marked in the examples', async () => {
    const examples = readdirSync(new URL('examples/', ROOT)).filter((name) => existsSync(new URL(`examples/${name}/bot.yaml`, ROOT))).map((name): [string, string] => [name, read(`examples/${name}/bot.yaml`)]);
    expect(examples.length).toBeGreaterThan(7);
    await Promise.all([['good', goodManifest()] as const, ...examples].map(async ([name, text]) => {
      expect(await server.open(uriOf(name), withSchema('bot.schema.json', text)), name).toEqual([]);
    }));
  });

  it('everything that the API server would refuse is marked on the line that lint names', async () => {
    const applied = parse(read('libs/botspec/test/broken/applied.yaml')) as { title: string; refused?: string }[];
    const seen = new Set(applied.filter(({ refused }) => refused !== undefined && !refused.startsWith('error converting YAML')).map(({ title }) => title));
    // What YAML 1.1 reads otherwise, the language server reads as we do.
    const rows = brokenManifests().filter(({ title, says }) => seen.has(title) && !says.some((line) => line.includes(' yaml_')));
    expect(rows.length).toBeGreaterThan(45);
    const good = goodManifest();
    await Promise.all(rows.map(async (row) => {
      const marks = await server.open(uriOf(row.title), withSchema('bot.schema.json', applyChange(good, row)));
      const lines = row.says.map((line) => Number(line.split(':', 1)[0]));
      expect(marks.map(({ range }) => range.start.line).filter((line) => lines.includes(line)), row.title).not.toEqual([]);
    }));
  });

  it('a file that is a BotSpec has a schema of its own', async () => {
    const spec = 'meta:\n  name: T\n  locales: [en]\n  defaultLocale: en\nflows:\n  main:\n    steps: [{ reply: { text: hello } }]\n';
    expect(await server.open(uriOf('spec'), withSchema('botspec.schema.json', spec))).toEqual([]);
    expect(await server.open(uriOf('bad-spec'), withSchema('botspec.schema.json', spec.replace('defaultLocale', 'defaultLocal')))).toMatchObject([{ message: expect.stringContaining('defaultLocale') as string }, { message: expect.stringContaining('defaultLocal ') as string, range: { start: { line: 4 } } }]);
  });

  it('a field tells what it means, and the fields that are left are offered with their words', async () => {
    const lines = withSchema('botspec.schema.json', 'meta:\n  name: T\n  locales: [en]\n  defaultLocale: en\n  idleTimeout: 12h\n  \nflows:\n  main:\n    steps: [{ reply: { text: hello } }]\n').split('\n');
    const textDocument = { uri: uriOf('hover') };
    await server.open(textDocument.uri, lines.join('\n'));
    const hover = await server.ask<{ contents: { value: string } }>('textDocument/hover', { textDocument, position: { line: lines.findIndex((line) => line.includes('idleTimeout')), character: 4 } });
    const { properties } = (JSON.parse(read('docs/botspec/botspec.schema.json')) as { properties: { meta: { properties: { [name: string]: { description: string } } } } }).properties.meta;
    expect(hover.contents.value).toContain(properties['idleTimeout']?.description);

    const offered = await server.ask<{ items: { label: string; documentation?: string | { value: string } }[] }>('textDocument/completion', { textDocument, position: { line: lines.indexOf('  '), character: 2 } });
    const timezone = offered.items.find(({ label }) => label === 'timezone');
    expect(JSON.stringify(timezone?.documentation)).toContain(properties['timezone']?.description);
    expect(offered.items.map(({ label }) => label)).not.toContain('name');
  });
});
