import { canonicalJson } from '@botplane/domain';
import type { Json } from '@botplane/domain';
import type { FlowProgram, Program, StepProgram } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import { Compilation } from './compilation.ts';
import { Diagnostics, join } from './diagnostics.ts';
import type { FlowNames } from './flow-index.ts';
import { checkMessageDefaults } from './message.ts';
import { recordOf } from './raw.ts';
import type { CompileOptions, CompileResult } from './result.ts';
import { stepProgram } from './steps.ts';
import { checkStructure, isRecord } from './structure.ts';
import { commandsProgram, intentsProgram, metaProgram, ownTexts, stateProgram, textsProgram } from './top-level.ts';
import { checkTests } from './tests-check.ts';
import { checkDomains } from './urls.ts';
import { addWarnings } from './warnings.ts';
import { timeoutProgram } from './wait-steps.ts';

/**
 * Compiles a BotSpec, given as parsed YAML or JSON. All errors are found at once (up to LIMITS.errorsMax). The same value gives the same
 * program whatever the order of its keys. Never throws for any JSON.
 */
export function compileBotSpec(value: unknown, options: CompileOptions = {}): CompileResult {
  const out = new Diagnostics(options.positions);
  if (!isRecord(value)) {
    out.error({ code: 'wrong_type', path: '', found: value, message: 'a BotSpec is a mapping', remedy: 'it begins with meta: and flows:' });
    return { ok: false, errors: out.errors, warnings: [] };
  }
  if (depthOf(value) > LIMITS.nestingMax) {
    out.error({ code: 'too_deep', path: '', message: 'the spec is nested too deeply', remedy: `at most ${LIMITS.nestingMax} levels` });
    return { ok: false, errors: out.errors, warnings: [] };
  }
  const bytes = specBytes(value);
  if (bytes > LIMITS.specBytesMax) {
    out.error({ code: 'spec_too_large', path: '', found: bytes, message: `the spec has ${bytes} bytes of canonical JSON; at most ${LIMITS.specBytesMax} are allowed`, remedy: 'split the bot, or move texts to an API' });
    return { ok: false, errors: out.errors, warnings: [] };
  }
  // Sorted keys make the outcome, and the order of what is found, independent of how the document was written.
  const spec = sortKeys(value);
  checkStructure(spec, out);
  const c = new Compilation(recordOf(spec), stateProgram(recordOf(spec), out), out, options);
  const program = compileProgram(c);
  if (out.errors.length > 0) return { ok: false, errors: out.errors, warnings: out.warnings };
  addWarnings(program, c);
  return { ok: true, program, files: [...c.usedFiles].map(([path, file]) => ({ path, file })), warnings: out.warnings };
}

function compileProgram(c: Compilation): Program {
  const { spec } = c;
  checkDomains(c);
  checkMessageDefaults(c);
  const meta = metaProgram(c);
  const texts = textsProgram(c);
  const commands = commandsProgram(c);
  const intents = intentsProgram(c);
  const fallback = spec['fallback'] === undefined ? undefined : c.flows.flow(recordOf(spec['fallback'])['flow'], 'fallback.flow');
  checkTests(c);
  const flows = Object.fromEntries([...c.flows.flows.values()].map((flow) => [flow.name, flowProgram(flow, c)]));
  return {
    v: 1,
    meta,
    texts,
    ownTexts: ownTexts(c),
    values: (spec['values'] ?? {}) as Json,
    state: { ...c.state },
    commands,
    intents,
    ...(fallback === undefined ? {} : { fallback }),
    flows,
    answers: c.answers,
    keyboardGotos: c.keyboardGotos,
    telemetry: (recordOf(spec['telemetry'])['events'] ?? []) as string[],
  };
}

function flowProgram(flow: FlowNames, c: Compilation): FlowProgram {
  const count = [...flow.lists.values()].reduce((sum, places) => sum + places.length, 0);
  if (count > LIMITS.stepsPerFlowMax) c.out.error({ code: 'too_many', path: flow.path, found: count, message: `flow \`${flow.name}\` has ${count} steps, its labels included; at most ${LIMITS.stepsPerFlowMax} are allowed`, remedy: 'split it with call' });
  const lists: { [label: string]: StepProgram[] } = {};
  for (const [label, places] of flow.lists) lists[label] = places.map((place) => stepProgram(place, flow, c)).filter((step) => step !== undefined);
  const timeout = timeoutProgram(flow.raw['timeout'], join(flow.path, 'timeout'), flow, c);
  return { lists, ...(timeout ? { timeout } : {}), ...(flow.raw['onNewMessage'] === 'supersede' ? { supersede: true as const } : {}) };
}

/** Levels of a value; counts without the stack, which hostile input would exhaust, and no further than it matters. */
function depthOf(value: unknown): number {
  let level: unknown[] = [value];
  let depth = 0;
  for (; level.length > 0 && depth <= LIMITS.nestingMax; depth++) level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  return depth;
}

/** Bytes of canonical JSON; infinite for what has none. */
function specBytes(value: unknown): number {
  try {
    return Buffer.byteLength(canonicalJson(value));
  } catch {
    return Infinity;
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().filter((key) => value[key] !== undefined).map((key) => [key, sortKeys(value[key])]));
}
