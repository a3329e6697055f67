/** The Go tools of the local environment, in the order a cold machine builds them. */
export type ToolName =
  | 'nats-server'
  | 'etcd'
  | 'kube-apiserver'
  | 'kubectl'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'glua'
  | 'versitygw';

/** What only the charts and their tests need: `make chart-tools`. */
export type ChartToolName = 'helm' | 'kubeconform' | 'kube-score' | 'promtool' | 'prometheus';

/** What only a Kubernetes node of our own needs: `make cluster-tools`. */
export type NodeToolName = 'pause' | 'kube-proxy' | 'kubelet' | 'coredns' | 'metrics-server';

/** What only tests of scaling by lag need on such a node: `make keda-tools`. */
export type KedaToolName = 'keda-adapter' | 'keda';

/** How one tool is built: `module` is a folder below tools/, `package` the Go package of its command. */
export interface ToolRecipe {
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
}

export const TOOLS: Readonly<Record<ToolName, ToolRecipe>>;
export const CHART_TOOLS: Readonly<Record<ChartToolName, ToolRecipe>>;
export const NODE_TOOLS: Readonly<Record<NodeToolName, ToolRecipe>>;
export const KEDA_TOOLS: Readonly<Record<KedaToolName, ToolRecipe>>;

/** How the tool is built. */
export function toolRecipe(name: ToolName | ChartToolName | NodeToolName | KedaToolName): ToolRecipe;

/** `$XDG_CACHE_HOME` (default `~/.cache`) + `/botplane/tools`. */
export function toolsCacheFolder(): string;

/** Where the tool belongs in the cache; the path holds its version key, so it never goes stale. */
export function toolCachePath(name: ToolName | ChartToolName | NodeToolName | KedaToolName): string;

/**
 * The executable of a tool: from `KUBEBUILDER_ASSETS` (etcd, kube-apiserver, kubectl) or the cache.
 * Throws with the remedy (`make tools`) when it was not built yet.
 */
export function toolPath(name: ToolName | ChartToolName | NodeToolName | KedaToolName): string;
