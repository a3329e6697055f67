import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { canonicalJson, sha256Hex } from '@botplane/domain';
import { markEngine } from '@botplane/contracts';
import type { ArtefactFile, RevisionPassport } from '@botplane/contracts';
import { builtinText } from '../engine/builtin-texts.ts';
import type { Program, TextForms } from '../program/program.ts';
import { constantText } from '../program/template.ts';
import { LIMITS } from '../schema/limits.ts';
import type { UsedFile } from '../compile/result.ts';
import { listOf, recordOf, textOf } from '../compile/raw.ts';
import { engineSource } from './engine-source.ts';
import type { EngineSource } from './engine-source.ts';

/** Update kinds the core of the language looks at. */
const ALLOWED_UPDATES = ['message', 'callback_query'];
const COMPILER = { name: '@botplane/botspec', version: '0.1.0' } as const;
const REV_HASH_CHARS = 40;

export interface ArtefactInput {
  botId: string;
  /** The spec as given: parsed YAML or JSON. */
  spec: unknown;
  /** What compileBotSpec made of it. */
  compiled: { program: Program; files?: readonly UsedFile[] };
  limits: { memoryMiB: number; cpuMs: number };
  /** Names in the revision's secretRefs. */
  secretNames: readonly string[];
}

export interface Artefacts {
  revHash: string;
  files: { [file in ArtefactFile]: string };
  passport: RevisionPassport;
  /** The files as they are stored, in memory of their own. */
  encode(): { [file in ArtefactFile]: Uint8Array<ArrayBuffer> };
}

/** The three files of a revision. Same input and same engine, same bytes. */
export function buildArtefacts(input: ArtefactInput): Artefacts {
  const engine = engineSource();
  const compiler = { ...COMPILER, engineSha256: engine.sha256 };
  const specJson = canonicalJson(input.spec);
  const head = EngineHead.of(engine);
  const own = `;botplane.init(${scriptSafe(canonicalJson(input.compiled.program))});\n`;
  const secretNames = [...input.secretNames].sort();
  // All that rev.json says: revisions that differ in limits or secrets alone must not share its place.
  const files = (input.compiled.files ?? []).map(({ path, file }): [string, string] => [path, file.sha256]);
  const revHash = sha256Hex(canonicalJson({ spec: input.spec, compiler, limits: input.limits, secretNames, ...(files.length > 0 ? { files: Object.fromEntries(files) } : {}) })).slice(0, REV_HASH_CHARS);
  const { program } = input.compiled;
  const security = recordOf(recordOf(input.spec)['security']);
  const passport: RevisionPassport = {
    schemaVersion: 1,
    botId: input.botId,
    revHash,
    compiler,
    files: { 'bot.js': head.factsWith(own), 'spec.json': fileFacts(specJson) },
    security: {
      allowDomains: listOf(security['allowDomains']).filter((domain) => typeof domain === 'string'),
      maxApiResponseKB: typeof security['maxApiResponseKB'] === 'number' ? security['maxApiResponseKB'] : LIMITS.apiResponseKBDefault,
    },
    stateKey: program.meta.stateKey,
    allowedUpdates: [...ALLOWED_UPDATES],
    commands: commandMenus(input.spec, program),
    secretNames,
    errorText: { defaultLocale: program.meta.defaultLocale, byLocale: Object.fromEntries(program.meta.locales.map((locale) => [locale, errorText(program, locale)])) },
    limits: { ...input.limits },
    ...(program.meta.messages === undefined ? {} : { messages: { ...program.meta.messages, hasPersonalState: Object.values(program.state).some((key) => key.pii === true) } }),
  };
  const revJson = canonicalJson(passport);
  return {
    revHash, passport, files: { 'bot.js': head.text + own, 'spec.json': specJson, 'rev.json': revJson },
    encode: () => ({ 'bot.js': head.encodeWith(own), 'spec.json': encodeText(specJson), 'rev.json': encodeText(revJson) }),
  };
}

const encodeText = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The part of bot.js that all bots of one engine share, hashed and encoded once: it is some 300 KB, and what follows it is a few. */
class EngineHead {
  private static last: EngineHead | undefined;
  readonly text: string;
  private readonly engine: EngineSource;
  private readonly hashed: Hash;
  private readonly bytes: Uint8Array;

  private constructor(engine: EngineSource) {
    this.engine = engine;
    this.text = markEngine(engine.code);
    this.bytes = encodeText(this.text);
    this.hashed = createHash('sha256').update(this.bytes);
  }

  static of(engine: EngineSource): EngineHead {
    if (this.last?.engine !== engine) this.last = new EngineHead(engine);
    return this.last;
  }

  /** The file that begins with this text and ends with `rest`. */
  encodeWith(rest: string): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.bytes.byteLength + Buffer.byteLength(rest));
    file.set(this.bytes);
    new TextEncoder().encodeInto(rest, file.subarray(this.bytes.byteLength));
    return file;
  }

  /** Size and hash of that file. */
  factsWith(rest: string): FileFacts {
    return { sha256: this.hashed.copy().update(rest).digest('hex'), bytes: this.bytes.byteLength + Buffer.byteLength(rest) };
  }
}

interface FileFacts {
  sha256: string;
  bytes: number;
}

function fileFacts(content: string): FileFacts {
  return { sha256: sha256Hex(content), bytes: Buffer.byteLength(content) };
}

/** JSON is a JavaScript expression, but for a `__proto__` key, which a literal would take as the prototype. */
function scriptSafe(json: string): string {
  return json.includes('"__proto__"') ? `JSON.parse(${JSON.stringify(json)})` : json;
}

/** setMyCommands: without language in the default locale, then once per further two-letter language. */
function commandMenus(spec: unknown, program: Program): RevisionPassport['commands'] {
  const shown = listOf(recordOf(spec)['commands']).map(recordOf).filter((command) => command['hidden'] !== true);
  const menu = (locale: string): { command: string; description: string }[] =>
    shown.map((command) => ({ command: textOf(command['command']) ?? '', description: constant(textOf(command['description']) ?? '', program, locale) }));
  const languages = new Map<string, string>();
  for (const locale of [...program.meta.locales].sort((a, b) => a.length - b.length)) {
    const language = locale.split('-')[0] ?? '';
    if (locale !== program.meta.defaultLocale && language.length === 2 && !languages.has(language)) languages.set(language, locale);
  }
  return [{ commands: menu(program.meta.defaultLocale) }, ...[...languages].map(([languageCode, locale]) => ({ languageCode, commands: menu(locale) }))];
}

function constant(source: string, program: Program, locale: string): string {
  if (!source.startsWith('$t.')) return source.startsWith('\\$t.') ? source.slice(1) : source;
  return formText(textIn(program, source.slice(3), locale)) ?? '';
}

function textIn(program: Program, key: string, locale: string): TextForms | undefined {
  const byLocale = Object.hasOwn(program.texts, key) ? program.texts[key] : undefined;
  return byLocale?.[locale] ?? byLocale?.[program.meta.defaultLocale];
}

function formText(forms: TextForms | undefined): string | undefined {
  return forms && 'one' in forms ? constantText(forms.one) : undefined;
}

/** The author's own text where it needs no substitution: the DLQ has no state to substitute from. */
function errorText(program: Program, locale: string): string {
  const own = program.ownTexts.errorText;
  const text = own && ('key' in own ? formText(textIn(program, own.key, locale)) : constantText(own));
  return text ?? builtinText('error', locale);
}
