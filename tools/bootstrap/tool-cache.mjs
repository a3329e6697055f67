// Where built Go tools live. Plain JavaScript without dependencies: tools/bootstrap runs it before
// node_modules exists, and @botplane/testing imports it afterwards, so there is one rule for the key.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const toolsFolder = join(import.meta.dirname, '..');

const STRIP = '-s -w';
const KUBE_VERSION = 'v1.36.3';
const KUBE_LDFLAGS = [
  STRIP,
  `-X k8s.io/component-base/version.gitVersion=${KUBE_VERSION}`,
  '-X k8s.io/component-base/version.gitMajor=1',
  '-X k8s.io/component-base/version.gitMinor=36',
  `-X k8s.io/client-go/pkg/version.gitVersion=${KUBE_VERSION}`,
].join(' ');

const kube = (name) => ({ module: 'kubernetes', package: `k8s.io/kubernetes/cmd/${name}`, ldflags: KUBE_LDFLAGS });

// The order is the order of a cold build: small tools first, then the long ones that share packages.
export const TOOLS = {
  'nats-server': { module: 'nats', package: 'github.com/nats-io/nats-server/v2', ldflags: STRIP },
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', ldflags: STRIP },
  'kube-apiserver': kube('kube-apiserver'),
  kubectl: kube('kubectl'),
  'kube-controller-manager': kube('kube-controller-manager'),
  'kube-scheduler': kube('kube-scheduler'),
  // Argo CD's Lua, for the tests of charts/botplane/gitops.
  glua: { module: 'lua', package: 'github.com/yuin/gopher-lua/cmd/glua', ldflags: STRIP },
  versitygw: { module: 's3', package: 'github.com/versity/versitygw/cmd/versitygw', ldflags: STRIP },
};

const HELM_VERSION = 'v4.3.1';

// Without the discovery of all clouds, which is most of the code: targets are given.
const prometheus = (name) => ({ module: 'prometheus', package: `github.com/prometheus/prometheus/cmd/${name}`, ldflags: STRIP, tags: 'remove_all_sd' });

/** What only work on the charts and their tests need: the local environment starts without it. */
export const CHART_TOOLS = {
  helm: { module: 'helm', package: 'helm.sh/helm/v4/cmd/helm', ldflags: `${STRIP} -X helm.sh/helm/v4/internal/version.version=${HELM_VERSION}` },
  kubeconform: { module: 'kubeconform', package: 'github.com/yannh/kubeconform/cmd/kubeconform', ldflags: STRIP },
  'kube-score': { module: 'kube-score', package: 'github.com/zegl/kube-score/cmd/kube-score', ldflags: STRIP },
  promtool: prometheus('promtool'),
  prometheus: prometheus('prometheus'),
};

const node = (name) => ({ module: 'kubernetes-node', package: `k8s.io/kubernetes/cmd/${name}`, ldflags: KUBE_LDFLAGS });

/** What only a Kubernetes node of our own needs (`make cluster-up`). */
export const NODE_TOOLS = {
  pause: { module: 'pause', package: 'botplane.dev/tools/pause', ldflags: STRIP },
  'kube-proxy': node('kube-proxy'),
  kubelet: node('kubelet'),
  coredns: { module: 'coredns', package: 'github.com/coredns/coredns', ldflags: STRIP },
  'metrics-server': { module: 'metrics-server', package: 'sigs.k8s.io/metrics-server/cmd/metrics-server', ldflags: STRIP },
};

const keda = (command) => ({ module: 'keda', package: `github.com/kedacore/keda/v2/cmd/${command}`, ldflags: STRIP });

/** What only tests of scaling by lag need on such a node (`make keda-tools`): building them takes longer than all others of a node. */
export const KEDA_TOOLS = {
  'keda-adapter': keda('adapter'),
  keda: keda('operator'),
};

const ALL_TOOLS = { ...TOOLS, ...CHART_TOOLS, ...NODE_TOOLS, ...KEDA_TOOLS };

/** The binaries that the Kubebuilder test assets carry under the same names. */
const KUBEBUILDER_TOOLS = new Set(['etcd', 'kube-apiserver', 'kubectl']);

export function toolsCacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'botplane', 'tools');
}

let goVersionMemo;
function goVersion() {
  goVersionMemo ??= execFileSync('go', ['env', 'GOVERSION'], {
    cwd: join(toolsFolder, 'nats'), // Inside a module, so that a `toolchain` line counts.
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return goVersionMemo;
}

function versionKey(recipe) {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go']) {
    const path = join(toolsFolder, recipe.module, file);
    if (existsSync(path)) hash.update(readFileSync(path)); // A module without dependencies has no go.sum, one of others no main.go.
  }
  hash.update([recipe.package, recipe.ldflags, goVersion(), process.platform, process.arch, ...(recipe.tags ? [recipe.tags] : [])].join('\n'));
  return hash.digest('hex').slice(0, 16);
}

export function toolCachePath(name) {
  return join(toolsCacheFolder(), name, versionKey(toolRecipe(name)), name);
}

/** How the tool is built. */
export function toolRecipe(name) {
  const recipe = ALL_TOOLS[name];
  if (!recipe) throw new Error(`no tool is called "${name}"; there are: ${Object.keys(ALL_TOOLS).join(', ')}`);
  return recipe;
}

/** The same binary from `KUBEBUILDER_ASSETS`, or undefined. */
export function kubebuilderAsset(name) {
  const folder = process.env.KUBEBUILDER_ASSETS;
  if (!folder || !KUBEBUILDER_TOOLS.has(name)) return undefined;
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}

export function toolPath(name) {
  const asset = kubebuilderAsset(name);
  if (asset) return asset;
  const path = toolCachePath(name);
  if (!existsSync(path)) throw new Error(`${name} is not built yet (looked at ${path}): run \`make ${name in KEDA_TOOLS ? 'keda-tools' : name in NODE_TOOLS ? 'cluster-tools' : name in CHART_TOOLS ? 'chart-tools' : 'tools'}\``);
  return path;
}
