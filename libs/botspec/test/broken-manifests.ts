import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { compileManifest } from '../src/index.ts';
import type { CompileError } from '../src/index.ts';

/** A mistake in a Bot manifest, and everything that is said about it. For lint, kubectl apply and the admission webhook alike. */
export interface BrokenManifest {
  title: string;
  find: string;
  put: string;
  /** `line:column code path: message (remedy)` for each error. */
  says: string[];
}

const folder = new URL('./broken/', import.meta.url);

/** The manifest that every change below starts from; it has no errors. */
export const goodManifest = (): string => readFileSync(new URL('good.yaml', folder), 'utf8');

/** The table of broken manifests. */
export const brokenManifests = (): BrokenManifest[] => parse(readFileSync(new URL('manifests.yaml', folder), 'utf8')) as BrokenManifest[];

/** The whole text of a broken manifest. */
export function applyChange(good: string, { title, find, put }: Omit<BrokenManifest, 'says'>): string {
  const at = good.indexOf(find);
  if (at === -1) throw new Error(`${title}: nothing to replace`);
  return good.slice(0, at) + put + good.slice(at + find.length);
}

/** All that the compiler finds in a file. */
export const findings = (text: string): string[] => compileManifest(text).flatMap(({ result }) => (result.ok ? [] : result.errors.map(findingText)));

/** One error as the table writes it. */
function findingText({ code, path, line, column, message, remedy }: CompileError): string {
  return `${line ?? 0}:${column ?? 0} ${code} ${path === '' ? '-' : path}: ${message}${remedy === undefined ? '' : ` (${remedy})`}`;
}
