import { BlockList, isIPv4 } from 'node:net';
import type { Manifest } from './manifest.ts';

/** A pod, or (without labels) an address that belongs to none. */
export interface Endpoint {
  readonly name: string;
  readonly address: string;
  readonly namespace?: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly labels?: Readonly<Record<string, string>>;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}
interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly protocol?: string; readonly port?: number }[];
}

interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol: string;
}

/** Whether NetworkPolicies let a connection through, as Kubernetes defines them: both ends must allow it, and a pod that no policy selects allows all. */
export function isAllowed(policies: readonly Manifest[], from: Endpoint, to: Endpoint, port: number, protocol = 'TCP'): boolean {
  const connection = { from, to, port, protocol };
  return allows(policies, 'Egress', connection) && allows(policies, 'Ingress', connection);
}

function allows(policies: readonly Manifest[], direction: 'Ingress' | 'Egress', { from, to, port, protocol }: Connection): boolean {
  const [self, other] = direction === 'Ingress' ? [to, from] : [from, to];
  const own = policies.filter(({ metadata, spec }) =>
    self.labels !== undefined && metadata.namespace === self.namespace?.name && matches(spec.podSelector, self.labels) && (spec.policyTypes as string[]).includes(direction));
  if (own.length === 0) return true;
  const key = direction === 'Ingress' ? 'ingress' : 'egress';
  return own.some(({ metadata, spec }) => ((spec[key] ?? []) as Rule[]).some((rule) => {
    const peers = direction === 'Ingress' ? rule.from : rule.to;
    return hasPort(rule, port, protocol) && (peers === undefined || peers.length === 0 || peers.some((peer) => isPeer(peer, other, metadata.namespace ?? '')));
  }));
}

const hasPort = ({ ports }: Rule, port: number, protocol: string): boolean =>
  ports === undefined || ports.length === 0 || ports.some((item) => (item.protocol ?? 'TCP') === protocol && (item.port === undefined || item.port === port));

function isPeer(peer: Peer, other: Endpoint, policyNamespace: string): boolean {
  if (peer.ipBlock) return inBlock(peer.ipBlock.cidr, other.address) && !(peer.ipBlock.except ?? []).some((cidr) => inBlock(cidr, other.address));
  if (other.labels === undefined || other.namespace === undefined) return false;
  const inNamespace = peer.namespaceSelector ? matches(peer.namespaceSelector, other.namespace.labels) : other.namespace.name === policyNamespace;
  return inNamespace && (peer.podSelector === undefined || matches(peer.podSelector, other.labels));
}

function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
    && matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      throw new Error(`unknown operator ${operator}`);
    });
}

function inBlock(cidr: string, address: string): boolean {
  const [network = '', bits] = cidr.split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  if (isIPv4(address) !== (family === 'ipv4')) return false;
  if (bits === '0') return true;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}
