export type { CompileError, CompileOptions, CompileResult, SourcePosition, SourcePositions } from './compile/result.ts';
export type { Program } from './program/program.ts';
export type { ApiCall, Ask, BotSpec, Choice, Command, Flow, Intent, Meta, PluralText, Reply, Security, StateKey, Step, Validate } from './generated/bot-spec.ts';
export { crdProjection } from './schema/crd-projection.ts';
export type { JSONSchemaProps } from './schema/crd-projection.ts';
export { botSpecJsonSchema } from './schema/json-schema.ts';
export type { JsonSchema } from './schema/node.ts';
export { LIMITS } from './schema/limits.ts';
