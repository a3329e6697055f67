import { describe, expect, it } from 'vitest';
import { applyChange, brokenManifests, findings, goodManifest } from './broken-manifests.ts';

const good = goodManifest();
const table = brokenManifests();

describe('a broken manifest', () => {
  it('starts from one that has no errors, and there are at least 120 of them', () => {
    expect(findings(good)).toEqual([]);
    expect(table.length).toBeGreaterThanOrEqual(120);
    expect(new Set(table.map(({ title }) => title)).size).toBe(table.length);
  });

  it.each(table)('[P2] $title', (broken) => {
    expect(findings(applyChange(good, broken))).toEqual(broken.says);
  });

  it('[P2] all mistakes are reported at once, up to 50, each with a place and a remedy', () => {
    const lines = Array.from({ length: 80 }, (_, index) => `                - goto: nowhere${index}`).join('\n');
    const found = findings(good.replace('            welcome:\n              steps:\n', `            welcome:\n              steps:\n${lines}\n`));
    expect(found).toHaveLength(50);
    for (const line of found) expect(line).toMatch(/^\d+:\d+ \w+ [\w.[\]]+: .+ \(.+\)$/);
  });
});
