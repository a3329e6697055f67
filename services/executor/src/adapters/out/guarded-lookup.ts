import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { isPublicUnicast } from '../../domain/egress-rules.ts';

type Callback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;
type Lookup = (host: string, options: LookupOptions, callback: Callback) => void;

/** The name leads to an address that bots must not reach. */
export class DeniedAddressError extends Error {
  override readonly name = 'DeniedAddressError';
}

/**
 * Resolves a name for a connection and refuses it when any of its addresses is not public. The addresses checked here are the ones
 * connected to, so a name that answers otherwise the next time gains nothing.
 */
export function guardedLookup(resolve: (host: string, options: { all: true }, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void = systemLookup, isAllowed = isPublicUnicast): Lookup {
  return (host, options, callback) => {
    resolve(host, { all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) return callback(new DeniedAddressError(`${host} leads to an address that is not public`), []);
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
