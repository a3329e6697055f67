import { parseArgs } from 'node:util';
import { CommandError } from './io.ts';

export type Output = 'text' | 'json' | 'yaml' | 'name';

/** All options; each command uses those that its help names. */
export interface Flags {
  context: string | undefined;
  kubeconfig: string | undefined;
  namespace: string | undefined;
  allNamespaces: boolean;
  output: Output;
  watch: boolean;
  wait: boolean;
  timeoutS: number | undefined;
  files: readonly string[];
  revision: string | undefined;
  step: number | undefined;
  next: boolean;
  name: string | undefined;
  strict: boolean;
  chat: string | undefined;
  follow: boolean;
  sinceS: number | undefined;
  tail: number | undefined;
  help: boolean;
}

const OPTIONS = {
  context: { type: 'string' },
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  'all-namespaces': { type: 'boolean', short: 'A' },
  output: { type: 'string', short: 'o' },
  watch: { type: 'boolean', short: 'w' },
  wait: { type: 'boolean' },
  timeout: { type: 'string' },
  filename: { type: 'string', short: 'f', multiple: true },
  revision: { type: 'string' },
  'to-revision': { type: 'string' },
  step: { type: 'string' },
  next: { type: 'boolean' },
  name: { type: 'string' },
  strict: { type: 'boolean' },
  chat: { type: 'string' },
  follow: { type: 'boolean' },
  since: { type: 'string' },
  tail: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Names of all options, for completion. */
export const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS).map((name) => `--${name}`);

const UNIT_S: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3_600 };

/** Reads a command line; what is no option is returned in order. */
export function parseFlags(args: readonly string[]): { flags: Flags; words: string[] } {
  const { values, positionals } = parse(args);
  return {
    words: positionals,
    flags: {
      context: values.context, kubeconfig: values.kubeconfig, namespace: values.namespace, allNamespaces: values['all-namespaces'] ?? false,
      output: outputOf(values.output), watch: values.watch ?? false, wait: values.wait ?? false, timeoutS: seconds('--timeout', values.timeout),
      files: values.filename ?? [], revision: values['to-revision'] ?? values.revision, step: wholeNumber('--step', values.step), next: values.next ?? false,
      name: values.name, strict: values.strict ?? false, chat: values.chat, follow: values.follow ?? false, sinceS: seconds('--since', values.since),
      tail: wholeNumber('--tail', values.tail), help: values.help ?? false,
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

function outputOf(value: string | undefined): Output {
  if (value === undefined) return 'text';
  if (value === 'json' || value === 'yaml' || value === 'name') return value;
  throw new CommandError(`-o takes json, yaml or name, not “${value}”`);
}

function seconds(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, count, unit = 's'] = /^(\d+)([smh]?)$/.exec(value) ?? [];
  if (count === undefined) throw new CommandError(`${option} takes a duration such as 30s, 5m or 1h, not “${value}”`);
  return Number(count) * (UNIT_S[unit === '' ? 's' : unit] ?? 1);
}

function wholeNumber(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,6}$/.test(value)) throw new CommandError(`${option} takes a whole number, not “${value}”`);
  return Number(value);
}
