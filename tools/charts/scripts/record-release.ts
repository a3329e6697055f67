// `make record-release`, once per release: keeps its charts and examples, from which test/upgrade.test.ts upgrades to what comes after.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';

const root = join(import.meta.dirname, '../../..');
const folder = join(import.meta.dirname, '../test/released');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const chart of ['botplane', 'botplane-crds']) execFileSync(toolPath('helm'), ['package', join(root, 'charts', chart), '--destination', folder], { stdio: 'inherit' });
const bots = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && readdirSync(join(root, 'examples', entry.name)).includes('bot.yaml'));
writeFileSync(join(folder, 'bots.yaml'), bots.map(({ name }) => readFileSync(join(root, 'examples', name, 'bot.yaml'), 'utf8').trimEnd()).join('\n---\n') + '\n');
