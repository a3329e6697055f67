// Writes what the compiler says today into test/broken/manifests.yaml; read the diff before you commit it.
// Run: node --conditions=@botplane/source libs/botspec/scripts/update-broken.ts
import { writeFileSync } from 'node:fs';
import { applyChange, brokenManifests, findings, goodManifest } from '../test/broken-manifests.ts';

const quoted = (text: string): string => JSON.stringify(text);
const good = goodManifest();
const rows = brokenManifests().flatMap(({ title, find, put }) => [
  `- title: ${quoted(title)}`, `  find: ${quoted(find)}`, `  put: ${quoted(put)}`, '  says:',
  ...findings(applyChange(good, { title, find, put })).map((line) => `    - ${quoted(line)}`),
]);
const header = '# Mistakes in a manifest: `put` stands in good.yaml instead of `find`; `says` is everything that is found, line:column first.';
writeFileSync(new URL('../test/broken/manifests.yaml', import.meta.url), `${[header, ...rows].join('\n')}\n`);
