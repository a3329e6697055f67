import type { Finding } from '../../adapters/compile-protocol.ts';
import { COMPILE_ERRORS_SHOWN_MAX, CONDITION_MESSAGE_CHARS_MAX } from '../../limits.ts';

/** What is wrong, how to mend it, and the code to look it up by. */
export const explainFinding = ({ message, remedy, code }: Finding): string => `${message}${remedy ? ` (${remedy})` : ''} [${code}]`;

/** One finding as a line, with its place. */
export const describeFinding = (finding: Finding): string => `${finding.path || 'botSpec'}: ${explainFinding(finding)}`;

/** All findings as lines, bounded. */
export function describeFindings(findings: readonly Finding[]): string {
  const lines = findings.slice(0, COMPILE_ERRORS_SHOWN_MAX).map(describeFinding);
  const more = findings.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n').slice(0, CONDITION_MESSAGE_CHARS_MAX);
}
