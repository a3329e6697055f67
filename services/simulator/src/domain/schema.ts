import { METHOD_LINES, OBJECT_LINES } from './generated/bot-api-schema.ts';

/** A type of the Bot API. `ref` names an object or another name for a type. */
export type SchemaType =
  | { kind: 'str' } | { kind: 'num' } | { kind: 'bool' } | { kind: 'file' }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'array'; of: SchemaType }
  | { kind: 'union'; of: readonly SchemaType[] }
  | { kind: 'ref'; name: string };

export interface SchemaField {
  readonly name: string;
  readonly isRequired: boolean;
  readonly type: SchemaType;
}

export interface SchemaMethod {
  readonly name: string;
  readonly params: readonly SchemaField[];
  readonly result: SchemaType;
}

/** What a name stands for: an object with fields, or a type. */
export type SchemaNamed = { kind: 'object'; name: string; fields: readonly SchemaField[] } | { kind: 'alias'; name: string; type: SchemaType };

const methodLines = indexed(METHOD_LINES, /^\w+/);
const objectLines = indexed(OBJECT_LINES, /^\w+/);
const methods = new Map<string, SchemaMethod>();
const named = new Map<string, SchemaNamed>();

/** Names of all methods, as Telegram writes and lists them. */
export const METHOD_NAMES: readonly string[] = [...methodLines.keys()];

/** A method by its exact name. Lines are read when they are asked for: a simulator starts without reading 600 of them. */
export function schemaMethod(name: string): SchemaMethod | undefined {
  const known = methods.get(name);
  const line = methodLines.get(name);
  if (known || line === undefined) return known;
  const reader = new Reader(line);
  const made = { name: reader.word(), params: reader.fields(), result: reader.type() };
  methods.set(name, made);
  return made;
}

/** An object or type by its name; the schema has all names that it uses. */
export function schemaNamed(name: string): SchemaNamed {
  const known = named.get(name);
  if (known) return known;
  const line = objectLines.get(name);
  if (line === undefined) throw new Error(`the schema of the Bot API has no ${name}`);
  const reader = new Reader(line);
  reader.word();
  const made: SchemaNamed = reader.takes(' = ') ? { kind: 'alias', name, type: reader.type() } : { kind: 'object', name, fields: reader.fields() };
  named.set(name, made);
  return made;
}

function indexed(text: string, key: RegExp): Map<string, string> {
  return new Map(text.split('\n').filter((line) => line !== '').map((line) => [key.exec(line)?.[0] ?? '', line]));
}

const PRIMITIVES: Readonly<Record<string, SchemaType>> = {
  str: { kind: 'str' }, num: { kind: 'num' }, bool: { kind: 'bool' }, file: { kind: 'file' },
  true: { kind: 'literal', value: true }, false: { kind: 'literal', value: false },
};

/** Reads one line of the generated schema from left to right. */
class Reader {
  private at = 0;

  constructor(private readonly line: string) {}

  takes(part: string): boolean {
    const isNext = this.line.startsWith(part, this.at);
    if (isNext) this.at += part.length;
    return isNext;
  }

  word(): string {
    return this.match(/\w+/y);
  }

  /** `(name type, name? type) ` */
  fields(): SchemaField[] {
    const fields: SchemaField[] = [];
    this.takes('(');
    while (!this.takes(')')) {
      this.takes(', ');
      const name = this.word();
      const isRequired = !this.takes('?');
      this.takes(' ');
      fields.push({ name, isRequired, type: this.type() });
    }
    this.takes(' ');
    return fields;
  }

  type(): SchemaType {
    const parts = [this.part()];
    while (this.takes('|')) parts.push(this.part());
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: 'union', of: parts };
  }

  private part(): SchemaType {
    let type = this.single();
    while (this.takes('[]')) type = { kind: 'array', of: type };
    return type;
  }

  private single(): SchemaType {
    if (this.takes('(')) {
      const inner = this.type();
      this.takes(')');
      return inner;
    }
    if (this.takes("'")) {
      const value = this.match(/[^']*/y);
      this.takes("'");
      return { kind: 'literal', value };
    }
    const word = this.match(/-?\w+/y);
    if (/^-?\d/.test(word)) return { kind: 'literal', value: Number(word) };
    return PRIMITIVES[word] ?? { kind: 'ref', name: word };
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.line)?.[0];
    if (found === undefined) throw new Error(`schema: cannot read ${this.line.slice(this.at, this.at + 40)}`);
    this.at += found.length;
    return found;
  }
}
