// `make tools`: everything that a fresh clone needs before its own code can be built and run.
// Plain JavaScript without dependencies, since it runs before node_modules exists.
import { buildTools, missingTools } from './go-tools.mjs';
import { arePackagesInstalled, installPackages } from './packages.mjs';
import { missingPrerequisites } from './prerequisites.mjs';
import { createProgress } from './progress.mjs';

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const missing = missingPrerequisites();
if (missing.length > 0) {
  for (const line of missing) console.error(`✗ ${line}`);
  process.exit(1);
}

try {
  await prepare();
} catch (error) {
  console.error(`\n✗ ${error.message}`);
  process.exit(1);
}

async function prepare() {
  const tools = missingTools();
  const isInstalled = arePackagesInstalled();
  if (tools.length === 0 && isInstalled) return;

  const progress = createProgress();
  const what = [...(isInstalled ? [] : ['npm packages']), ...(tools.length ? [`${tools.length} Go tools`] : [])];
  progress.line(`Preparing ${what.join(' and ')} (once; about 6 minutes on 2 cores from empty caches)`);
  await Promise.all([isInstalled ? undefined : installPackages(progress), buildTools(tools, progress)]);
  progress.line(`Prepared in ${progress.elapsed()}.`);
}
