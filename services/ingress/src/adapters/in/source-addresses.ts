import { BlockList, isIP, isIPv6 } from 'node:net';

/** Checks who sends an update, besides the secret: networks that may, and proxies whose word about the sender counts. */
export class SourceAddresses {
  private readonly allowed: BlockList | undefined;
  private readonly trusted: BlockList;

  /** `allowed` undefined: every sender. Lists hold CIDRs. */
  constructor(allowed: readonly string[] | undefined, trustedProxies: readonly string[]) {
    this.allowed = allowed && listOf(allowed);
    this.trusted = listOf(trustedProxies);
  }

  /** `forwardedFor` is X-Forwarded-For: believed from the right, for as long as the one who wrote it is a trusted proxy. */
  allows(remoteAddress: string | undefined, forwardedFor: string | undefined): boolean {
    if (!this.allowed) return true;
    const path = [...(forwardedFor ?? '').split(',').map((address) => address.trim()), remoteAddress ?? ''].filter((address) => address !== '');
    const sender = path.findLast((address) => !contains(this.trusted, address)) ?? path[0];
    return sender !== undefined && contains(this.allowed, sender);
  }
}

function listOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** IPv4 addresses also as they come over IPv6 sockets (::ffff:1.2.3.4). */
function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
