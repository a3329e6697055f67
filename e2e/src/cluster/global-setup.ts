import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { ROOT } from '../environment.ts';
import { EXAMPLES, exampleToken } from '../manifests.ts';
import { Simulator } from '../simulator.ts';
import { Cluster, NAMESPACE, SHOP_NAMESPACE } from './cluster.ts';
import { INSTALL_MS_MAX } from './limits.ts';
import { removeOutsiders } from './outsiders.ts';
import { reach } from './reach.ts';
import type { Way } from './reach.ts';

const run = promisify(execFile);
const SHOP_CODE = join(ROOT, 'tools/local/dist/quote');

let folder = '';
let way: Way | undefined;

/** Installs the platform and the shop of the examples, and writes the env file that journeys read. */
export async function setup(): Promise<void> {
  const cluster = new Cluster();
  // Where it is enforced, a pod that breaks a rule of Pod Security is not made, and the install does not become Ready.
  await cluster.apply([NAMESPACE, SHOP_NAMESPACE].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })));
  await openShop(cluster);
  await install(cluster);
  way = await reach(cluster, 'simulator', 8080);
  const simulator = new Simulator(`http://${way.address}`);
  for (const example of EXAMPLES) await simulator.post('bots', { token: exampleToken(example) });
  folder = mkdtempSync(join(tmpdir(), 'botplane-cluster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, await cluster.kubectl(['config', 'view', '--raw', '--minify']), { mode: 0o600 });
  writeFileSync(join(folder, 'env'), `KUBECTL='${toolPath('kubectl')}'\nKUBECONFIG='${kubeconfig}'\nBOTPLANE_SIMULATOR_URL='${simulator.url}'\n`);
  process.env['BOTPLANE_LOCAL_DIR'] = folder;
}

/** A cluster that was there before is left as it was. */
export async function teardown(): Promise<void> {
  way?.close();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
  if (process.env['CLUSTER_IS_OURS'] === '1') return;
  const cluster = new Cluster();
  // None was there before: the cluster had no such kind. Their finalizers need the operator.
  await cluster.kubectl(['delete', 'bots', '--all', '--all-namespaces', '--timeout=120s']);
  await cluster.helm(['uninstall', 'botplane', 'botplane-crds']);
  await removeOutsiders(cluster);
  await cluster.kubectl(['delete', 'namespace', NAMESPACE, SHOP_NAMESPACE, 'chaos', '--ignore-not-found', '--timeout=120s']);
}

/** The shop's server is that of the local environment; any image of ours has the Node that it needs. */
async function openShop(cluster: Cluster): Promise<void> {
  const data = Object.fromEntries(['main.js', 'quote.js'].map((name) => [name, readFileSync(join(SHOP_CODE, name), 'utf8')]));
  await cluster.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace: SHOP_NAMESPACE }, data }]);
  await cluster.kubectl(['apply', '--namespace', SHOP_NAMESPACE, '-f', 'tools/cluster/shop.yaml']);
}

async function install(cluster: Cluster): Promise<void> {
  const values = [...cluster.values, join(ROOT, 'tools/cluster/shop-values.yaml')];
  const child = run(process.execPath, [join(ROOT, 'tools/cluster/dist/main.js'), 'install', cluster.context, ...values], { cwd: ROOT, timeout: INSTALL_MS_MAX, env: { ...process.env, BOTPLANE_NAMESPACE: NAMESPACE } });
  child.child.stdout?.pipe(process.stdout);
  await child;
}
