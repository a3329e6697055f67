// `make tools`: everything that a fresh clone needs before its own code can be built and run. `main.mjs charts` (`make chart-tools`): the
// tools that tests of the charts need, too. `main.mjs node` (`make cluster-tools`): those of a Kubernetes node of our own. `main.mjs keda`
// (`make keda-tools`): KEDA for such a node.
// Plain JavaScript without dependencies, since it runs before node_modules exists.
import { fetchForeignCrds, hasForeignCrds } from './foreign-crds.mjs';
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
  const charts = process.argv.includes('charts');
  const tools = missingTools({ charts, node: process.argv.includes('node'), keda: process.argv.includes('keda') });
  const isInstalled = arePackagesInstalled();
  const lacksCrds = charts && !hasForeignCrds();
  if (tools.length === 0 && isInstalled && !lacksCrds) return;

  const progress = createProgress();
  const what = [...(isInstalled ? [] : ['npm packages']), ...(tools.length ? [`${tools.length} Go tools`] : []), ...(lacksCrds ? ['custom resource definitions'] : [])];
  progress.line(`Preparing ${what.join(' and ')} (once; about 6 minutes on 2 cores from empty caches)`);
  await Promise.all([isInstalled ? undefined : installPackages(progress), buildTools(tools, progress)]);
  if (lacksCrds) await progress.step('fetch custom resource definitions of others', async () => fetchForeignCrds());
  progress.line(`Prepared in ${progress.elapsed()}.`);
}
