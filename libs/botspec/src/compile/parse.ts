import { LineCounter, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments, visit } from 'yaml';
import type { Document, Node, Scalar } from 'yaml';
import { LIMITS } from '../schema/limits.ts';
import { join } from './diagnostics.ts';
import type { CompileError, SourcePosition, SourcePositions } from './result.ts';

export interface ParseOptions {
  /** Where the spec lies in the document, e.g. ['spec', 'botSpec'] of a Bot; default: the document itself. Paths then begin below it. */
  within?: readonly string[];
}

export type ParseResult = { ok: true; value: unknown; positions: SourcePositions } | { ok: false; errors: CompileError[] };

const ALIASES_MAX = 100;
/** Plain scalars that YAML 1.1 reads otherwise than YAML 1.2. */
const AMBIGUOUS = [
  { pattern: /^(y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/, reads: 'a boolean' },
  { pattern: /^[-+]?0[0-9_]+$/, reads: 'an octal number' },
  { pattern: /^[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?$/, reads: 'a number' },
  { pattern: /^[-+]?0(x[0-9a-fA-F]*_|b[01_]|o[0-7])/, reads: 'another number' },
  { pattern: /^[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9_]*)?$/, reads: 'a number to base 60' },
  { pattern: /^<<$/, reads: 'a merge' },
  { pattern: /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/, reads: 'a date' },
];

/** Reads YAML (1.2 core) or JSON, and refuses what kubectl, Helm and Kustomize (YAML 1.1) would read otherwise. */
export function parseBotSpec(text: string, options: ParseOptions = {}): ParseResult {
  const source = readDocuments(text);
  const [document] = source.documents;
  if (!document) return { ok: false, errors: [source.problem('yaml_empty', 0, '', 'the document is empty')] };
  if (source.documents.length > 1) return { ok: false, errors: [source.problem('yaml_documents', 0, '', 'one document is expected', 'remove the --- between documents')] };
  return readDocument(document, source, options.within ?? []);
}

/** A text of one or more documents, and how to speak of places in it. */
export interface SourceText {
  text: string;
  documents: readonly Document.Parsed[];
  at: (offset: number) => SourcePosition;
  problem: Problem;
}

export function readDocuments(text: string): SourceText {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, version: '1.2', schema: 'core', uniqueKeys: true, merge: false });
  const at = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problem: Problem = (code, offset, found, message, remedy) => ({ code, path: '', ...at(offset), found: found.slice(0, 80), message, ...(remedy ? { remedy } : {}) });
  return { text, documents: Array.isArray(documents) ? documents : [], at, problem };
}

/** The value at `within` of one document. */
export function readDocument(document: Document.Parsed, { text, at, problem }: SourceText, within: readonly string[]): ParseResult {
  const errors = document.errors.map((error) => problem('yaml_syntax', error.pos[0], text.slice(error.pos[0], error.pos[1]), (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, '')));
  if (errors.length === 0) errors.push(...ambiguities(document, problem));
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, LIMITS.errorsMax) };
  return readValue(document, within, at, problem);
}

export type Problem = (code: string, offset: number, found: string, message: string, remedy?: string) => CompileError;

function readValue(document: Document.Parsed, within: readonly string[], at: (offset: number) => SourcePosition, problem: Problem): ParseResult {
  try {
    const root: unknown = within.length === 0 ? document.contents : document.getIn(within, true);
    if (!isNode(root)) return { ok: false, errors: [problem('missing_key', 0, within.join('.'), `\`${within.join('.')}\` is missing`)] };
    const positions = new Map<string, SourcePosition>();
    addPositions(root, '', positions, at);
    return { ok: true, value: root.toJS(document, { maxAliasCount: ALIASES_MAX }) as unknown, positions };
  } catch (error) {
    return { ok: false, errors: [problem('yaml_syntax', 0, '', error instanceof Error ? error.message : String(error))] };
  }
}

function ambiguities(document: Document.Parsed, problem: Problem): CompileError[] {
  const errors: CompileError[] = [];
  visit(document, {
    Node: (_, node) => {
      // `!x` is a tag, not text: a condition that begins with ! ends up empty.
      const tag = 'tag' in node ? node.tag : undefined;
      if (tag && !tag.startsWith('tag:yaml.org')) errors.push(problem('yaml_ambiguous', offsetOf(node), tag, 'a value that begins with ! is read as a tag', 'put it in quotes'));
      if (isScalar(node)) addAmbiguous(node, problem, errors);
    },
    Pair: (_, pair) => {
      const key = isNode(pair.key) ? pair.key : undefined;
      if (key && !isScalar(key)) errors.push(problem('yaml_key', offsetOf(key), '', 'a key is text, not a list, a mapping or an alias', 'a value that begins with { or [ must be quoted'));
    },
  });
  return errors;
}

function addAmbiguous(node: Scalar, problem: Problem, errors: CompileError[]): void {
  const source = node.source;
  if (node.type !== 'PLAIN' || source === undefined) return;
  const hit = AMBIGUOUS.find(({ pattern }) => pattern.test(source));
  if (hit) errors.push(problem('yaml_ambiguous', offsetOf(node), source, `\`${source}\` is ${hit.reads} to kubectl and Helm (YAML 1.1)`, 'put it in quotes'));
}

const offsetOf = (node: Node): number => node.range?.[0] ?? 0;

function addPositions(node: unknown, path: string, positions: Map<string, SourcePosition>, at: (offset: number) => SourcePosition): void {
  if (!isNode(node)) return;
  if (!positions.has(path)) positions.set(path, at(offsetOf(node)));
  if (isAlias(node)) return;
  if (isSeq(node)) node.items.forEach((item, index) => addPositions(item, join(path, index), positions, at));
  if (!isMap(node)) return;
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const child = join(path, String(pair.key.value));
    positions.set(child, at(offsetOf(pair.key)));
    addPositions(pair.value, child, positions, at);
  }
}
