import type { CompileError } from '@botplane/botspec';

/** `bot.yaml:12:7 error unknown_target flows.main.steps[0].goto: … (did you mean `x`?)`, as editors and terminals link it. */
export function findingLine(file: string, kind: 'error' | 'warning', { code, path, line, column, message, remedy }: CompileError): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place} ${kind} ${code}${path === '' ? '' : ` ${path}`}: ${message}${remedy === undefined ? '' : ` (${remedy})`}`;
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
