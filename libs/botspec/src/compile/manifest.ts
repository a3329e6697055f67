import { isMap, isScalar, isSeq } from 'yaml';
import type { Document, Scalar } from 'yaml';
import { LIMITS } from '../schema/limits.ts';
import { compileBotSpec } from './compile.ts';
import { parseBotSpec, readDocument, readDocuments, unreadable } from './parse.ts';
import type { ParseResult, SourceText } from './parse.ts';
import type { Bundle, CompileError, CompileResult, SourcePosition } from './result.ts';

/** Key of a ConfigMap that holds a spec. */
export const SPEC_FILE = 'botspec.yaml';

/** A BotSpec found in a file, compiled. */
export interface FoundSpec {
  /** `Bot coffee-club`, `ConfigMap texts`, or `BotSpec` for a file that is one. */
  title: string;
  /** metadata.name; of a plain spec none. */
  name?: string;
  /** The spec as given; undefined when it could not be read. */
  spec?: unknown;
  result: CompileResult;
}

/** How a file is read. */
export interface ManifestOptions {
  /** Where `./path` leads, for a spec that is the whole file. */
  files?: Bundle['files'];
  /** The file is bot.yaml of a bundle: the inline spec of a Bot may name files too, and may be large. */
  packed?: boolean;
}

/** Where a spec lies, by kind of the object. */
const PLACES: { readonly [kind: string]: readonly (readonly string[])[] } = {
  Bot: [['spec', 'botSpec'], ['spec', 'template', 'spec', 'source', 'botSpec']],
  BotRevision: [['spec', 'source', 'botSpec']],
};

/**
 * Compiles every BotSpec of a file: Bots and BotRevisions with an inline spec, ConfigMaps with a key `botspec.yaml`, or a spec that is
 * the whole file. Other objects are passed over. Files are for specs of their own only: an inline one is stored without them.
 */
export function compileManifest(text: string, options: ManifestOptions = {}): FoundSpec[] {
  if (options.packed) return [packedSpec(text, options)];
  const source = readDocuments(text);
  if (!source.readable) return [{ title: 'BotSpec', result: refused([unreadable(source)]) }];
  const found = source.documents.flatMap((document) => specsOf(document, source));
  if (found.length > 0) return found;
  if (source.documents.length <= 1 && !isObject(source.documents[0])) return [plain(text, options)];
  return [{ title: 'BotSpec', result: refused([source.problem('no_spec', 0, '', 'there is no BotSpec in this file', 'a Bot with spec.botSpec, a ConfigMap with a key botspec.yaml, or a BotSpec itself')]) }];
}

/** The id that artefacts carry while no cluster says another. */
export const offlineBotId = (name: string | undefined): string => `default_${name ?? 'bot'}`;

const bundleOf = (name: string | undefined, { files }: ManifestOptions): { bundle?: Bundle } => (files ? { bundle: { botId: offlineBotId(name), files } } : {});

/** The spec of a bundle. */
function packedSpec(text: string, options: ManifestOptions): FoundSpec {
  const parsed = parseBundledSpec(text);
  if (!parsed.ok) return { title: 'bundle', result: refused(parsed.errors) };
  const { value: spec, positions, name, secretNames: secrets } = parsed;
  return { title: 'bundle', ...(name === undefined ? {} : { name }), spec, result: compileBotSpec(spec, { positions, ...(secrets ? { secretNames: secrets } : {}), ...bundleOf(name, options) }) };
}

type BundledSpec = (Extract<ParseResult, { ok: true }> & { name?: string; secretNames?: string[] }) | Extract<ParseResult, { ok: false }>;

/** Reads bot.yaml of a bundle: a BotSpec, or the one Bot in it with an inline spec. Of a Bot nothing else is meant. */
export function parseBundledSpec(text: string): BundledSpec {
  const source = readDocuments(text);
  if (!source.readable || !source.documents.some(isObject)) return parseBotSpec(text);
  const places = source.documents.flatMap((document) => {
    const place = placeOf(document);
    return place ? [{ document, place }] : [];
  });
  const [only, second] = places;
  if (!only || second) return { ok: false, errors: [source.problem('no_spec', 0, '', only ? 'there are several BotSpecs in this file' : 'there is no BotSpec in this file', 'a bundle has one: a BotSpec itself, or a Bot with spec.botSpec')] };
  const { document, place } = only;
  const parsed = readDocument(document, source, place);
  const name = document.getIn(['metadata', 'name']);
  return parsed.ok ? { ...parsed, ...(typeof name === 'string' ? { name } : {}), secretNames: secretNames(document, place) } : parsed;
}

function plain(text: string, options: ManifestOptions): FoundSpec {
  const parsed = parseBotSpec(text);
  return parsed.ok ? { title: 'BotSpec', spec: parsed.value, result: compileBotSpec(parsed.value, { positions: parsed.positions, ...bundleOf(undefined, options) }) } : { title: 'BotSpec', result: refused(parsed.errors) };
}

/** Whether a document is a Kubernetes object. */
const isObject = (document: Document.Parsed | undefined): boolean => document !== undefined && isMap(document.contents) && document.has('apiVersion') && document.has('kind');

function specsOf(document: Document.Parsed, source: SourceText): FoundSpec[] {
  if (!isObject(document)) return [];
  const kind = String(document.get('kind'));
  const name = document.getIn(['metadata', 'name']);
  const named = typeof name === 'string' ? { title: `${kind} ${name}`, name } : { title: kind };
  if (kind === 'ConfigMap') return configMapSpec(document, source, named);
  const place = placeOf(document);
  if (!place) return [];
  const parsed = readDocument(document, source, place);
  if (!parsed.ok) return [{ ...named, result: refused(parsed.errors) }];
  const result = compileBotSpec(parsed.value, { positions: parsed.positions, secretNames: secretNames(document, place) });
  return [{ ...named, spec: parsed.value, result: inlineSize(parsed.value, result) }];
}

const placeOf = (document: Document.Parsed): readonly string[] | undefined => (isObject(document) ? PLACES[String(document.get('kind'))]?.find((path) => document.hasIn(path)) : undefined);

/** Names in secretRefs beside the spec: `secretRefs: [{ name, secretRef }]`. */
function secretNames(document: Document.Parsed, place: readonly string[]): string[] {
  const beside = place.length === 2 ? [] : place.slice(0, -2);
  const refs = beside.length === 0 ? undefined : document.getIn([...beside, 'secretRefs'], true);
  return isSeq(refs) ? refs.items.flatMap((ref) => (isMap(ref) && typeof ref.get('name') === 'string' ? [String(ref.get('name'))] : [])) : [];
}

/** A large inline spec strains etcd, and is refused by the API server's side of us: better said here. */
function inlineSize(spec: unknown, result: CompileResult): CompileResult {
  const bytes = Buffer.byteLength(JSON.stringify(spec) ?? '');
  if (!result.ok || bytes <= LIMITS.inlineBytesMax) return result;
  return refused([{ code: 'inline_too_large', path: '', found: String(bytes), message: `an inline spec has at most ${LIMITS.inlineBytesMax / 1024} KB; this one has ${Math.ceil(bytes / 1024)}`, remedy: 'put it in a ConfigMap (source.configMapRef; over 256 KB with kubectl apply --server-side)' }], result.warnings);
}

function configMapSpec(document: Document.Parsed, source: SourceText, named: { title: string; name?: string }): FoundSpec[] {
  const node = document.getIn(['data', SPEC_FILE], true);
  if (!isScalar(node) || typeof node.value !== 'string') return [];
  const place = placeInside(node, source);
  const parsed = parseBotSpec(node.value);
  if (!parsed.ok) return [{ ...named, result: refused(parsed.errors.map((error) => ({ ...error, ...place({ line: error.line ?? 1, column: error.column ?? 1 }) }))) }];
  const positions = new Map([...parsed.positions].map(([path, position]) => [path, place(position)]));
  return [{ ...named, spec: parsed.value, result: compileBotSpec(parsed.value, { positions }) }];
}

/** Where a place of a block text stands in the file; other texts have one place only. */
function placeInside(node: Scalar, { text, at }: SourceText): (position: SourcePosition) => SourcePosition {
  const start = at(node.range?.[0] ?? 0);
  if (node.type !== 'BLOCK_LITERAL') return () => start;
  const body = text.slice(node.range?.[0] ?? 0, node.range?.[1] ?? 0).split('\n').slice(1);
  const indent = /^ */.exec(body.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  return ({ line, column }) => ({ line: start.line + line, column: indent + column });
}

const refused = (errors: CompileError[], warnings: CompileError[] = []): CompileResult => ({ ok: false, errors, warnings });
