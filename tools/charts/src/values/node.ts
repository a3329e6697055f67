/** JSON Schema of one value, as far as Helm checks it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A value of a chart with its meaning: a leaf with a default, or a group of values. */
export type ValueNode = Leaf | Group;

export interface Leaf {
  readonly kind: 'leaf';
  readonly description: string;
  readonly schema: JsonSchema;
  readonly fallback: unknown;
}

export interface Group {
  readonly kind: 'group';
  readonly description: string;
  readonly values: Readonly<Record<string, ValueNode>>;
}

const leaf = (description: string, fallback: unknown, schema: JsonSchema): Leaf => ({ kind: 'leaf', description, fallback, schema });

/** Values that belong together; others than these are refused. */
export const group = (description: string, values: Readonly<Record<string, ValueNode>>): Group => ({ kind: 'group', description, values });

export const text = (description: string, fallback = '', schema: JsonSchema = {}): Leaf => leaf(description, fallback, { type: 'string', ...schema });

export const flag = (description: string, fallback: boolean): Leaf => leaf(description, fallback, { type: 'boolean' });

export const whole = (description: string, fallback: number, minimum: number, maximum: number): Leaf => leaf(description, fallback, { type: 'integer', minimum, maximum });

export const oneOf = (description: string, fallback: string, choices: readonly string[]): Leaf => leaf(description, fallback, { type: 'string', enum: choices });

export const texts = (description: string, fallback: readonly string[] = []): Leaf => leaf(description, fallback, { type: 'array', items: { type: 'string', minLength: 1 } });

/** Labels, annotations and the like. */
export const textMap = (description: string, fallback: Readonly<Record<string, string>> = {}): Leaf => leaf(description, fallback, { type: 'object', additionalProperties: { type: 'string' } });

/** A list of objects whose fields are checked. */
export const items = (description: string, fallback: readonly object[], item: JsonSchema): Leaf => leaf(description, fallback, { type: 'array', items: item });

/** A part of a Kubernetes object as it stands there: kube-apiserver checks its inside. */
export const kubernetesObject = (description: string, fallback: object = {}): Leaf => leaf(description, fallback, { type: 'object' });

/** The same, several of them. */
export const kubernetesObjects = (description: string, fallback: readonly object[] = []): Leaf => leaf(description, fallback, { type: 'array', items: { type: 'object' } });

/** An object of strings, all of them required, and no others. */
export const closedItem = (properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = Object.keys(properties)): JsonSchema => ({
  type: 'object', additionalProperties: false, required, properties,
});
