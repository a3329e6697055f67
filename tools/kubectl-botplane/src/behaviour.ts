import { canonicalJson } from '@botplane/domain';
import type { BotSpec, Flow, Step } from '@botplane/botspec';
import { DIFFERENCES_PER_FLOW_MAX, DIFFERENCE_CHARS_MAX } from './limits.ts';

/** One thing that a bot would do otherwise. */
export interface Difference {
  change: 'added' | 'removed' | 'changed';
  /** `command /order`, `flow main`, `flow main, step size (choice)`. */
  what: string;
  /** What changes about it. */
  detail?: string;
}

type Named = Readonly<Record<string, unknown>>;

/** What people would notice: commands, flows and their steps, keywords, texts, state, reach. Order of keys and formatting do not count. Pure. */
export function behaviourDifferences(before: BotSpec, after: BotSpec): Difference[] {
  return [
    ...fieldDifferences('meta', before.meta as never, after.meta as never),
    ...namedDifferences('command', byName(before.commands, ({ command }) => `/${command}`), byName(after.commands, ({ command }) => `/${command}`)),
    ...namedDifferences('intent', byName(before.intents, ({ id }) => id), byName(after.intents, ({ id }) => id)),
    ...fieldDifferences('fallback', (before.fallback ?? {}) as never, (after.fallback ?? {}) as never),
    ...flowDifferences(before.flows, after.flows),
    ...namedDifferences('text', texts(before), texts(after)),
    ...namedDifferences('state', before.state ?? {}, after.state ?? {}),
    ...fieldDifferences('values', objectOf(before.values), objectOf(after.values)),
    ...fieldDifferences('security', (before.security ?? {}) as never, (after.security ?? {}) as never),
    ...fieldDifferences('spec', ownTexts(before), ownTexts(after)),
    ...namedDifferences('test', byName(before.tests, ({ name }) => name), byName(after.tests, ({ name }) => name)),
  ];
}

function byName<T>(items: readonly T[] | undefined, nameOf: (item: T) => string): Named {
  return Object.fromEntries((items ?? []).map((item) => [nameOf(item), item]));
}

const objectOf = (value: unknown): Named => (typeof value === 'object' && value !== null ? (value as Named) : {});
const ownTexts = ({ errorText, reaskText, staleText, telemetry }: BotSpec): Named => ({ errorText, reaskText, staleText, telemetry });

function texts({ localization }: BotSpec): Named {
  return Object.fromEntries(Object.entries(localization ?? {}).flatMap(([locale, byKey]) => Object.entries(byKey).map(([key, text]) => [`${key} (${locale})`, text])));
}

const isSame = (a: unknown, b: unknown): boolean => a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b));

/** Things known by name: which came, which went, and what is new about the others. */
function namedDifferences(kind: string, before: Named, after: Named): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): Difference[] => {
    const what = `${kind} ${name}`;
    if (isSame(before[name], after[name])) return [];
    if (before[name] === undefined) return [{ change: 'added', what, ...(kind === 'text' ? { detail: short(after[name]) } : {}) }];
    if (after[name] === undefined) return [{ change: 'removed', what }];
    return [{ change: 'changed', what, detail: details(before[name], after[name]) }];
  });
}

/** Fields of one thing. */
function fieldDifferences(what: string, before: Named, after: Named): Difference[] {
  return namedDifferences('', before, after).map(({ change, what: field, detail }) => ({
    change, what: `${what}${field.replace(/^ /, '.')}`, detail: detail ?? short(change === 'added' ? after[field.slice(1)] : before[field.slice(1)]),
  }));
}

function flowDifferences(before: BotSpec['flows'], after: BotSpec['flows']): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): Difference[] => {
    const [old, now] = [before[name], after[name]];
    if (!old && now) return [{ change: 'added', what: `flow ${name}`, detail: counted(now.steps.length) }];
    if (old && !now) return [{ change: 'removed', what: `flow ${name}`, detail: counted(old.steps.length) }];
    return old && now && !isSame(old, now) ? insideFlow(name, old, now) : [];
  });
}

const counted = (steps: number): string => `${steps} step${steps === 1 ? '' : 's'}`;

function insideFlow(name: string, before: Flow, after: Flow): Difference[] {
  const { steps: oldSteps, labels: oldLabels = {}, ...oldRest } = before;
  const { steps: newSteps, labels: newLabels = {}, ...newRest } = after;
  const labels = [...new Set([...Object.keys(oldLabels), ...Object.keys(newLabels)])];
  const found = [
    ...fieldDifferences(`flow ${name}`, oldRest, newRest),
    ...stepDifferences(`flow ${name}`, oldSteps, newSteps),
    ...labels.flatMap((label) => stepDifferences(`flow ${name}, label ${label}`, oldLabels[label] ?? [], newLabels[label] ?? [])),
  ];
  if (found.length <= DIFFERENCES_PER_FLOW_MAX) return found;
  return [...found.slice(0, DIFFERENCES_PER_FLOW_MAX), { change: 'changed', what: `flow ${name}`, detail: `and ${found.length - DIFFERENCES_PER_FLOW_MAX} more` }];
}

/** Steps are the same one when they have the same id, else when they are equal, else when they stand at the same place between equal ones and are of one kind. */
function stepDifferences(where: string, before: readonly Step[], after: readonly Step[]): Difference[] {
  const pairs = matchSteps(before, after);
  return pairs.flatMap(([old, now]): Difference[] => {
    if (old === undefined && now !== undefined) return [{ change: 'added', what: `${where}, ${stepName(after, now)}`, detail: short(bodyOf(after[now])) }];
    if (now === undefined && old !== undefined) return [{ change: 'removed', what: `${where}, ${stepName(before, old)}`, detail: short(bodyOf(before[old])) }];
    if (old === undefined || now === undefined || isSame(before[old], after[now])) return [];
    return [{ change: 'changed', what: `${where}, ${stepName(after, now)}`, detail: details(before[old], after[now]) }];
  });
}

type Pair = readonly [old: number | undefined, now: number | undefined];

function matchSteps(before: readonly Step[], after: readonly Step[]): Pair[] {
  const common = longestCommon(before, after);
  const pairs: Pair[] = [];
  let [old, now] = [0, 0];
  for (const [oldEnd, nowEnd] of [...common, [before.length, after.length] as const]) {
    pairs.push(...betweenCommon(before, after, [old, oldEnd], [now, nowEnd]));
    if (oldEnd < before.length && nowEnd < after.length) pairs.push([oldEnd, nowEnd]);
    [old, now] = [oldEnd + 1, nowEnd + 1];
  }
  return pairs;
}

/** Steps that are equal or have the same id, in order: the longest such list. */
function longestCommon(before: readonly Step[], after: readonly Step[]): (readonly [number, number])[] {
  const isMatch = (a: Step, b: Step): boolean => (a.id !== undefined || b.id !== undefined ? a.id === b.id : isSame(a, b));
  const lengths = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) (lengths[i] as number[])[j] = isMatch(before[i] as Step, after[j] as Step) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (isMatch(before[i] as Step, after[j] as Step)) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

function betweenCommon(before: readonly Step[], after: readonly Step[], [oldFrom, oldTo]: readonly [number, number], [nowFrom, nowTo]: readonly [number, number]): Pair[] {
  const pairs: Pair[] = [];
  let now = nowFrom;
  for (let old = oldFrom; old < oldTo; old++) {
    const isSameKind = now < nowTo && kindOf(before[old]) === kindOf(after[now]);
    pairs.push([old, isSameKind ? now++ : undefined]);
  }
  while (now < nowTo) pairs.push([undefined, now++]);
  return pairs;
}

const NOT_A_KIND = new Set(['id', 'when', 'timeout']);
const kindOf = (step: Step | undefined): string => Object.keys(step ?? {}).find((key) => !NOT_A_KIND.has(key)) ?? 'step';
const bodyOf = (step: Step | undefined): unknown => (step as Named | undefined)?.[kindOf(step)];
const stepName = (steps: readonly Step[], index: number): string => `step ${steps[index]?.id ?? index + 1} (${kindOf(steps[index])})`;

/** `text: “a” → “b”`: each leaf that differs. */
function details(before: unknown, after: unknown): string {
  return leaves(before, after, '').slice(0, 4).join('; ');
}

function leaves(before: unknown, after: unknown, path: string): string[] {
  if (isSame(before, after)) return [];
  if (!isPlain(before) || !isPlain(after)) return [`${path === '' ? '' : `${path}: `}${short(before)} → ${short(after)}`];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => leaves(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

const isPlain = (value: unknown): value is Named => typeof value === 'object' && value !== null && !Array.isArray(value);

function short(value: unknown): string {
  if (value === undefined) return '(none)';
  const text = typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
  return text.length <= DIFFERENCE_CHARS_MAX ? text : `${text.slice(0, DIFFERENCE_CHARS_MAX - 1)}…`;
}
