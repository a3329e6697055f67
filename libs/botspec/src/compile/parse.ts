import { Lexer, LineCounter, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments, visit } from 'yaml';
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
/** What 1.1 reads otherwise is short; longer plain texts are texts to both. */
const AMBIGUOUS_CHARS_MAX = 64;
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
  if (!source.readable) return { ok: false, errors: [unreadable(source)] };
  if (!document) return { ok: false, errors: [source.problem('yaml_empty', 0, '', 'the document is empty')] };
  if (source.documents.length > 1) return { ok: false, errors: [source.problem('yaml_documents', 0, '', 'one document is expected', 'remove the --- between documents')] };
  return readDocument(document, source, options.within ?? []);
}

/** A text of one or more documents, and how to speak of places in it. */
export interface SourceText {
  text: string;
  /** False for a text that is too long or nested too deeply to be read at all. */
  readable: boolean;
  documents: readonly Document.Parsed[];
  at: (offset: number) => SourcePosition;
  problem: Problem;
}

/** The library takes the square of the depth and of the number of documents: both are counted before it begins. */
function withinBounds(text: string): boolean {
  let depth = 0;
  let documents = 0;
  let marks = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    else if (token === '---') documents += 1;
    // `- - -` nests in one line; so do tags and anchors that stand before nothing.
    marks = token === '-' || token === '?' || /^[!&]./.test(token) ? marks + 1 : /^[\s]*$/.test(token) && !token.includes('\n') ? marks : 0;
    if (depth > LIMITS.nestingMax || marks > LIMITS.nestingMax || documents > LIMITS.documentsMax) return false;
  }
  return true;
}

/** Nesting past the stack of the YAML library is no spec. */
function parseSafely(text: string, lineCounter: LineCounter): Document.Parsed[] | undefined {
  try {
    if (!withinBounds(text)) return undefined;
    // Keys are compared below: the library compares each with each. Our errors need no excerpts of the source either.
    const documents = parseAllDocuments(text, { lineCounter, version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false, merge: false });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function unreadable({ text, problem }: SourceText): CompileError {
  return text.length > LIMITS.sourceCharsMax
    ? problem('spec_too_large', 0, String(text.length), `the file has ${text.length} characters; at most ${LIMITS.sourceCharsMax} are read`, 'split it')
    : problem('too_deep', 0, '', 'the file is nested too deeply, or holds too many documents', `at most ${LIMITS.nestingMax} levels and ${LIMITS.documentsMax} documents`);
}

export function readDocuments(text: string): SourceText {
  const lines = new LineCounter();
  const documents = text.length > LIMITS.sourceCharsMax ? undefined : parseSafely(text, lines);
  const at = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problem: Problem = (code, offset, found, message, remedy) => ({ code, path: '', ...at(offset), found: found.slice(0, 80), message, ...(remedy ? { remedy } : {}) });
  return { text, documents: documents ?? [], at, problem, readable: documents !== undefined };
}

/** The value at `within` of one document. */
export function readDocument(document: Document.Parsed, { text, at, problem }: SourceText, within: readonly string[]): ParseResult {
  const all = document.errors.map((error) => problem('yaml_syntax', error.pos[0], text.slice(error.pos[0], error.pos[1]), (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, '')));
  // One mistake in the layout breaks every line after it in the same way.
  const errors = all.filter((error, index) => all.findIndex(({ message }) => message === error.message) === index);
  if (errors.length === 0) errors.push(...ambiguities(document, problem, within));
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

function ambiguities(document: Document.Parsed, problem: Problem, within: readonly string[]): CompileError[] {
  const errors: CompileError[] = [];
  const add = (node: Node, found: string, message: string, remedy: string, ancestors: readonly unknown[], code = 'yaml_ambiguous'): void => {
    if (errors.length < LIMITS.errorsMax) errors.push({ ...problem(code, offsetOf(node), found, message, remedy), path: pathOf([...ancestors, node], within) });
  };
  visit(document, {
    Node: (_, node, ancestors) => {
      // `!x` is a tag, not text: a condition that begins with ! ends up empty.
      const tag = 'tag' in node ? node.tag : undefined;
      if (tag && !tag.startsWith('tag:yaml.org')) add(node, tag, 'a value that begins with ! is read as a tag', 'put it in quotes', ancestors);
      if (isScalar(node) && node.type === 'PLAIN' && node.source?.includes('?') && ancestors.some(isFlow)) {
        add(node, node.source, 'kubectl and Helm (YAML 1.1) cannot read a `?` inside { } or [ ] that is not quoted', 'put it in quotes', ancestors);
      }
      const reads = isScalar(node) ? ambiguousReading(node) : undefined;
      if (reads) add(node, reads.source, `\`${reads.source}\` is ${reads.as} to kubectl and Helm (YAML 1.1)`, 'put it in quotes', ancestors);
    },
    Map: (_, map, ancestors) => {
      const seen = new Set<unknown>();
      for (const pair of map.items) {
        const { key } = pair;
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) add(key, String(key.value), `\`${String(key.value)}\` stands here twice`, 'remove one', [...ancestors, map, pair], 'yaml_duplicate');
        seen.add(key.value);
      }
    },
    Pair: (_, pair, ancestors) => {
      if (!isNode(pair.key) || isScalar(pair.key)) return undefined;
      add(pair.key, '', 'a key is text, not a list, a mapping or an alias', 'a value that begins with { or [ must be quoted', ancestors, 'yaml_key');
      return visit.SKIP;
    },
  });
  return errors;
}

/** `{…}` or `[…]`. */
const isFlow = (node: unknown): boolean => (isMap(node) || isSeq(node)) && node.flow === true;

function ambiguousReading(node: Scalar): { source: string; as: string } | undefined {
  const { source } = node;
  if (node.type !== 'PLAIN' || source === undefined || source.length > AMBIGUOUS_CHARS_MAX) return undefined;
  const hit = AMBIGUOUS.find(({ pattern }) => pattern.test(source));
  return hit && { source, as: hit.reads };
}

/** Path of a node below `within`, from the nodes it lies in. */
function pathOf(nodes: readonly unknown[], within: readonly string[]): string {
  const parts: (string | number)[] = [];
  nodes.forEach((node, index) => {
    if (isPair(node)) parts.push(isScalar(node.key) ? String(node.key.value) : '?');
    else if (isSeq(node)) parts.push(node.items.indexOf(nodes[index + 1]));
  });
  const below = within.every((key, index) => parts[index] === key) ? parts.slice(within.length) : parts;
  return below.reduce<string>((path, part) => join(path, part), '');
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
