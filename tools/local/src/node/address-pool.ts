import { ADDRESSES_MAX } from './limits.ts';

/** Gives each pod an address of 127.n.1.1 to 127.n.250.254; the node's own is 127.n.0.1. */
export class AddressPool {
  private readonly prefix: string;
  private readonly taken = new Map<string, string>();
  private next = 0;

  /** `nodeAddress` is 127.n.0.1 of this environment's network. */
  constructor(nodeAddress: string) {
    this.prefix = nodeAddress.split('.').slice(0, 2).join('.');
  }

  /** The same owner keeps its address; `wanted` is given when it is free, else the one that rested longest. */
  take(owner: string, wanted?: string): string {
    const held = this.taken.get(owner);
    if (held) return held;
    const used = new Set(this.taken.values());
    if (wanted?.startsWith(`${this.prefix}.`) && !used.has(wanted)) return this.give(owner, wanted);
    for (let tries = 0; tries < ADDRESSES_MAX; tries += 1) {
      const address = this.addressAt(this.next);
      this.next = (this.next + 1) % ADDRESSES_MAX;
      if (!used.has(address)) return this.give(owner, address);
    }
    throw new Error('no address left for another pod');
  }

  release(owner: string): void {
    this.taken.delete(owner);
  }

  private give(owner: string, address: string): string {
    this.taken.set(owner, address);
    return address;
  }

  private addressAt(index: number): string {
    return `${this.prefix}.${1 + Math.floor(index / 254)}.${1 + (index % 254)}`;
  }
}
