import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileManifest } from '../index.ts';
import { STEP_KINDS } from '../compile/steps.ts';
import { STEP_EXAMPLES, exampleSpecText } from './examples.ts';
import { renderDocs } from './render-docs.ts';

describe('docs/botspec', () => {
  it.each(Object.entries(renderDocs()))('%s is what the schema says today', (name, content) => {
    expect(readFileSync(new URL(`../../../../docs/botspec/${name}`, import.meta.url), 'utf8')).toBe(content);
  });

  it('has an example for each kind of step', () => {
    expect(Object.keys(STEP_EXAMPLES).sort()).toEqual([...STEP_KINDS].sort());
  });

  it.each(Object.keys(STEP_EXAMPLES))('[P2] the example of %s compiles without errors', (kind) => {
    const [found] = compileManifest(exampleSpecText(kind));
    expect(found?.result).toMatchObject({ ok: true });
  });
});
