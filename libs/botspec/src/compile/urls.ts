import type { Template, Value } from '../program/program.ts';
import { constantText } from '../program/template.ts';
import type { Compilation } from './compilation.ts';
import { listOf, recordOf } from './raw.ts';
import { didYouMean } from './suggest.ts';
import { template } from './values.ts';

const HOST = /^(https?|tg):\/\/([^/?#]*)/i;
const HOST_ENTRY = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?$/;

/** URL of a button or media: https or tg; values may not stand in scheme or host, but one alone may be the whole URL. */
export function urlValue(raw: unknown, path: string, c: Compilation, schemes: readonly string[] = ['https', 'http', 'tg']): Value {
  const text = typeof raw === 'string' ? raw : '';
  const parts = template(text, path, c);
  if (parts.length === 1 && typeof parts[0] !== 'string') return { url: parts };
  const host = HOST.exec(typeof parts[0] === 'string' ? parts[0] : '');
  const scheme = host?.[1]?.toLowerCase();
  if (!host || !scheme || !schemes.includes(scheme)) {
    c.out.error({ code: 'bad_url', path, found: text, message: `a URL here begins with ${schemes.map((name) => `${name}://`).join(' or ')}`, remedy: `write ${schemes[0]}://…` });
  } else if (parts.length > 1 && host[0].length === (parts[0] as string).length) {
    c.out.error({ code: 'template_in_host', path, found: text, message: 'substituted values may not stand in scheme or host', remedy: 'end the host with / before the first {{…}}' });
  }
  return { url: parts };
}

/** URL of apiCall: https, and a literal host must be allowed. */
export function apiUrl(raw: unknown, path: string, c: Compilation): Value {
  const result = urlValue(raw, path, c, ['https']);
  const parts: Template = 'url' in result ? result.url : [];
  const first = typeof parts[0] === 'string' ? parts[0] : undefined;
  const authority = first === undefined ? undefined : HOST.exec(first)?.[2];
  if (authority === undefined || c.out.hasErrorWithin(path)) return result;
  const domains = listOf(recordOf(c.spec['security'])['allowDomains']).filter((domain) => typeof domain === 'string');
  if (authority.includes('@')) c.out.error({ code: 'bad_url', path, found: first, message: 'no user or password in URLs', remedy: 'send credentials in headers as {{secret.NAME}}' });
  else if (!/^[a-z0-9.-]+(:\d{1,5})?$/i.test(authority)) c.out.error({ code: 'bad_url', path, found: first, message: `\`${authority}\` is not a host`, remedy: 'a name such as api.shop.example' });
  else if (!hostAllowed(authority.toLowerCase(), domains)) {
    c.out.error({ code: 'host_not_allowed', path, found: first, message: `host \`${authority}\` is not in security.allowDomains`, remedy: didYouMean(authority, domains) ?? `add it: security: { allowDomains: [${authority}] }` });
  }
  return result;
}

/** Exact hosts, `*.x` for subdomains only, port 443 unless host:port is listed. */
export function hostAllowed(authority: string, domains: readonly string[]): boolean {
  const host = authority.replace(/:443$/, '');
  return domains.some((domain) => {
    const entry = domain.toLowerCase().replace(/:443$/, '');
    return entry.startsWith('*.') ? host.endsWith(entry.slice(1)) && host.length > entry.length - 1 : host === entry;
  });
}

/** Checks entries of allowDomains: names only, no literal addresses. */
export function checkDomains(c: Compilation): void {
  listOf(recordOf(c.spec['security'])['allowDomains']).forEach((domain, index) => {
    if (typeof domain === 'string' && !HOST_ENTRY.test(domain.toLowerCase())) {
      c.out.error({ code: 'bad_domain', path: `security.allowDomains[${index}]`, found: domain, message: `\`${domain}\` is not a host name`, remedy: 'write shop.example, *.shop.example or shop.example:8443; no scheme, path or address' });
    }
  });
}

/** A text without substitutions, or undefined. */
export const literalOf = (result: Value): string | undefined => ('url' in result ? constantText(result.url) : undefined);
