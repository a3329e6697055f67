import ipaddr from 'ipaddr.js';

/** Where an allowed request goes. */
export interface EgressTarget {
  host: string;
  port: number;
}

/** Public by its number, but the host agent of a cloud answers there. */
const NEVER = new Set(['168.63.129.16']);

/**
 * Checks a URL of a bot against its allow-list: https only, no credentials, no literal address, and a host (with port, when it is
 * not 443) that an entry names exactly or covers as `*.x`, which means subdomains only. Undefined: denied.
 */
export function allowedTarget(urlText: string, allowDomains: readonly string[]): EgressTarget | undefined {
  if (!URL.canParse(urlText)) return undefined;
  const url = new URL(urlText);
  const host = url.hostname.toLowerCase();
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || !isHostName(host)) return undefined;
  const port = url.port === '' ? 443 : Number(url.port);
  return allowDomains.some((entry) => covers(entry.toLowerCase(), host, port)) ? { host, port } : undefined;
}

/** A name, not an address in any of its notations, with a top-level domain and without the final dot that would make it another name. */
function isHostName(host: string): boolean {
  if (host.startsWith('[') || ipaddr.isValid(host)) return false;
  return /^(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(host);
}

function covers(entry: string, host: string, port: number): boolean {
  const [pattern = '', entryPort] = entry.split(':');
  if (port !== (entryPort === undefined ? 443 : Number(entryPort))) return false;
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1 : host === pattern;
}

/** True for addresses that anybody on the internet could reach; every other one may be ours. */
export function isPublicUnicast(address: string): boolean {
  if (!ipaddr.isValid(address) || NEVER.has(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast';
  const six = parsed as ipaddr.IPv6;
  // Forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) are no `unicast`; outside 2000::/3 nothing is assigned.
  return six.range() === 'unicast' && six.match(ipaddr.IPv6.parse('2000::'), 3);
}

/** Headers that would change where a request goes or how it is framed. */
const FRAMING_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect', 'keep-alive', 'idempotency-key', 'accept-encoding']);

/** Fills `{{secret.NAME}}` in header values. Undefined: a secret is unknown, or a header is not allowed. */
export function fillHeaders(headers: { [name: string]: string }, secrets: { [name: string]: string }): { headers: { [name: string]: string }; secretNames: string[] } | undefined {
  const filled: { [name: string]: string } = {};
  const secretNames: string[] = [];
  let isComplete = true;
  for (const [name, template] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(lower) || FRAMING_HEADERS.has(lower) || lower.startsWith('proxy-')) return undefined;
    const value = template.replace(/\{\{\s*secret\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g, (_, secret: string) => {
      if (!secretNames.includes(lower)) secretNames.push(lower);
      if (!Object.hasOwn(secrets, secret)) isComplete = false;
      return secrets[secret] ?? '';
    });
    // eslint-disable-next-line no-control-regex -- control characters are what must not get through
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value) || /[^\u0000-\u00ff]/.test(value)) return undefined;
    filled[lower] = value;
  }
  return isComplete ? { headers: filled, secretNames } : undefined;
}
