import type { Program, StepProgram, Target } from '../program/program.ts';
import type { Compilation } from './compilation.ts';
import { join } from './diagnostics.ts';
import { recordOf } from './raw.ts';

/** What is allowed but hardly meant. Only for specs without errors. */
export function addWarnings(program: Program, c: Compilation): void {
  warnUnreachable(c);
  warnTranslations(c);
  for (const key of Object.keys(program.state)) {
    if (!c.usedState.has(key)) c.out.warn({ code: 'unused_state_key', path: join('state', key), found: key, message: `state key \`${key}\` is never used` });
  }
  warnLoops(program, c);
}

function warnUnreachable(c: Compilation): void {
  const reached = new Set<string>();
  const queue = [''];
  for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
    for (const to of c.flows.edges.get(from) ?? []) {
      if (reached.has(to)) continue;
      reached.add(to);
      queue.push(to);
    }
  }
  for (const flow of c.flows.flows.keys()) {
    if (!reached.has(flow)) c.out.warn({ code: 'unreachable_flow', path: join('flows', flow), found: flow, message: `nothing leads to flow \`${flow}\``, remedy: 'start it by a command, an intent or a goto, or remove it' });
  }
}

function warnTranslations(c: Compilation): void {
  const blocks = recordOf(c.spec['localization']);
  for (const locale of c.locales) {
    const missing = [...c.usedTexts].filter((key) => !Object.hasOwn(recordOf(blocks[locale]), key));
    if (locale !== c.defaultLocale && missing.length > 0) {
      c.out.warn({ code: 'missing_translation', path: join('localization', locale), found: missing.join(', '), message: `${missing.length} text${missing.length === 1 ? '' : 's'} of ${locale} missing; ${c.defaultLocale} is used instead` });
    }
  }
}

type Node = `${string}#${string}#${number}`;

/** Finds a way round that never waits for a person. Dynamic options and callers' next steps are left out. */
function warnLoops(program: Program, c: Compilation): void {
  const state = new Map<Node, 'open' | 'done'>();
  const visit = (flow: string, list: string, index: number): void => {
    const node: Node = `${flow}#${list}#${index}`;
    const step = program.flows[flow]?.lists[list]?.[index];
    if (!step || state.has(node)) {
      if (step && state.get(node) === 'open') c.out.warn({ code: 'loop_without_wait', path: stepPath(flow, list, index), found: step.id ?? step.k, message: 'steps lead back here without waiting for a person', remedy: 'add an ask or choice on the way; an update runs at most 200 steps' });
      return;
    }
    state.set(node, 'open');
    for (const next of successors(step, { list, index })) {
      if (next === 'end') continue;
      if ('flow' in next) visit(next.flow, '', 0);
      else visit(flow, next.list, next.index);
    }
    state.set(node, 'done');
  };
  for (const [name, flow] of Object.entries(program.flows)) for (const [list, steps] of Object.entries(flow.lists)) steps.forEach((_, index) => visit(name, list, index));
}

function successors(step: StepProgram, at: { list: string; index: number }): Target[] {
  const next: Target = { list: at.list, index: at.index + 1 };
  const maybe = (target: Target | undefined): Target[] => (target === undefined ? [] : [target]);
  switch (step.k) {
    case 'ask':
    case 'choice':
    case 'end':
      return [];
    case 'goto':
      return step.when === undefined ? [step.to] : [step.to, step.elseNext ?? next];
    case 'branch':
      return [...step.arms.map((arm) => arm.to), step.otherwise ?? next];
    case 'call':
      return [{ flow: step.flow }, next];
    case 'validate':
      return [next, ...maybe(step.otherwise)];
    case 'api':
      return [next, ...maybe(step.onError)];
    case 'reply':
    case 'save':
      return [next];
  }
}

/** `flows.order.steps[3]`, `flows.order.labels.late[0]`. */
export function stepPath(flow: string, list: string, index: number): string {
  return list === '' ? `flows.${flow}.steps[${index}]` : `flows.${flow}.labels.${list}[${index}]`;
}
