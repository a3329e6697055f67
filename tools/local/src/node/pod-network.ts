/** Port of the node's kubelet API; also the mark that a pod network is taken. */
export const KUBELET_PORT = 10_250;

/** The node's own address in a pod network. */
export function networkAddress(network: number): string {
  return `127.${network}.0.1`;
}
