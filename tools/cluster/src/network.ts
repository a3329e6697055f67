import { attempt, run } from './command.ts';

/** The bridge that all pods are on. Its address is the node's, kube-apiserver's and the DNS server's. */
export const BRIDGE = 'botplane0';
export const NODE_ADDRESS = '10.213.0.1';
export const POD_RANGE = '10.213.0.0/24';
/** As kube-apiserver is told (`apiServerRecipe`). */
const SERVICE_RANGE = '10.96.0.0/16';

const TABLES = ['nat', 'filter', 'mangle'] as const;
/** Chains of kube-proxy and the kubelet. */
const KUBE_CHAIN = /^:(KUBE-\S+)/;

export async function makeBridge(): Promise<void> {
  if ((await attempt('ip', ['link', 'show', BRIDGE])) === undefined) await run('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
  await run('ip', ['addr', 'replace', `${NODE_ADDRESS}/24`, 'dev', BRIDGE]);
  await run('ip', ['link', 'set', BRIDGE, 'up']);
  // So that this machine reaches Services also where it has no way out.
  await run('ip', ['route', 'replace', SERVICE_RANGE, 'dev', BRIDGE]);
}

export async function removeBridge(): Promise<void> {
  if ((await attempt('ip', ['link', 'show', BRIDGE])) !== undefined) await run('ip', ['link', 'del', BRIDGE]);
}

/** True when chains of a kube-proxy or kubelet are there. */
export async function hasKubeChains(): Promise<boolean> {
  return (await kubeChains('iptables', 'nat')).chains.length > 0;
}

/** Removes every chain KUBE-… and every rule that leads to one: there was none before the node went up, or it would have refused to. */
export async function removeKubeChains(): Promise<void> {
  for (const program of ['iptables', 'ip6tables']) {
    for (const table of TABLES) {
      const { chains, jumps } = await kubeChains(program, table);
      if (chains.length === 0) continue;
      const lines = [...jumps.map((rule) => rule.replace(/^-A/, '-D')), ...chains.map((chain) => `-F ${chain}`), ...chains.map((chain) => `-X ${chain}`)];
      await run(`${program}-restore`, ['--noflush'], { input: `*${table}\n${lines.join('\n')}\nCOMMIT\n` });
    }
  }
}

async function kubeChains(program: string, table: string): Promise<{ chains: string[]; jumps: string[] }> {
  const lines = ((await attempt(`${program}-save`, ['-t', table])) ?? '').split('\n');
  return {
    chains: lines.flatMap((line) => KUBE_CHAIN.exec(line)?.[1] ?? []),
    jumps: lines.filter((line) => /^-A (?!KUBE-)/.test(line) && /-j KUBE-/.test(line)),
  };
}
