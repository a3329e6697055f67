// `make new-service-chart NAME=billing DESCRIPTION="…"`: begins the chart of a service. docs/adding-a-service.md tells what comes next.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scaffold } from '../src/scaffold.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const [name = '', description = ''] = process.argv.slice(2);

try {
  const files = scaffold({ name, description }, { umbrella: read('charts/botplane/Chart.yaml'), services: read('tools/charts/src/values/services.ts') });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
} catch (error) {
  process.stderr.write(`✗ ${(error as Error).message}\n`);
  process.exit(1);
}
