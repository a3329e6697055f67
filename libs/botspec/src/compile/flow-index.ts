import type { Target } from '../program/program.ts';
import { join } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { listOf, recordOf, textOf } from './raw.ts';
import type { Raw } from './raw.ts';
import { didYouMean } from './suggest.ts';

const RESERVED = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null']);

/** Reports a name that the language refuses. */
export function checkName(name: string, what: string, path: string, out: Diagnostics): void {
  if (out.hasErrorAt(path)) return;
  if (RESERVED.has(name.toLowerCase())) {
    out.error({ code: 'reserved_name', path, found: name, message: `${what} cannot be called \`${name}\``, remedy: 'YAML 1.1 reads it as a boolean or null: choose another name' });
  } else if (name === 'end') {
    out.error({ code: 'reserved_name', path, found: name, message: 'nothing may be called `end`', remedy: '`end` is the target that ends a flow' });
  } else if (!/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(name)) {
    out.error({ code: 'bad_name', path, found: name, message: `\`${name}\` is not a name`, remedy: 'a name begins with a letter and has letters, digits and _, at most 63' });
  }
}

export interface Place {
  list: string;
  index: number;
  path: string;
  step: Raw;
}

/** Names of one flow: its steps by list, ids and labels. */
export interface FlowNames {
  name: string;
  path: string;
  raw: Raw;
  /** '' is `steps`, others are labels. */
  lists: Map<string, Place[]>;
  ids: Map<string, Place>;
}

/** All flows of a spec, so that targets can be found before anything is compiled. */
export class FlowIndex {
  readonly flows = new Map<string, FlowNames>();
  /** Which flow leads to which, for the warning about unreachable ones. */
  readonly edges = new Map<string, Set<string>>();
  readonly #out: Diagnostics;

  constructor(spec: Raw, out: Diagnostics) {
    this.#out = out;
    for (const [name, raw] of Object.entries(recordOf(spec['flows']))) this.#addFlow(name, recordOf(raw));
    for (const flow of this.flows.values()) this.#checkNames(flow);
  }

  #addFlow(name: string, raw: Raw): void {
    const path = join('flows', name);
    const flow: FlowNames = { name, path, raw, lists: new Map(), ids: new Map() };
    const places = (steps: unknown, list: string, at: string): Place[] =>
      listOf(steps).map((step, index) => ({ list, index, path: join(at, index), step: recordOf(step) }));
    flow.lists.set('', places(raw['steps'], '', join(path, 'steps')));
    for (const [label, steps] of Object.entries(recordOf(raw['labels']))) flow.lists.set(label, places(steps, label, join(join(path, 'labels'), label)));
    this.flows.set(name, flow);
  }

  #checkNames(flow: FlowNames): void {
    const out = this.#out;
    checkName(flow.name, 'a flow', flow.path, out);
    for (const label of flow.lists.keys()) {
      const path = join(join(flow.path, 'labels'), label);
      if (label === '') continue;
      checkName(label, 'a label', path, out);
      if (this.flows.has(label)) out.error({ code: 'duplicate_name', path, found: label, message: `label \`${label}\` has the name of a flow`, remedy: 'choose another name' });
    }
    for (const place of [...flow.lists.values()].flat()) this.#addId(flow, place);
  }

  #addId(flow: FlowNames, place: Place): void {
    const id = textOf(place.step['id']);
    if (id === undefined) return;
    const path = join(place.path, 'id');
    checkName(id, 'a step', path, this.#out);
    const clash = flow.ids.has(id) || flow.lists.has(id) ? 'another step or label of the flow' : this.flows.has(id) ? 'a flow' : undefined;
    if (clash) this.#out.error({ code: 'duplicate_name', path, found: id, message: `step id \`${id}\` is also the name of ${clash}`, remedy: 'choose another id' });
    else flow.ids.set(id, place);
  }

  /** Finds what `goto` and its like name; undefined after an error. */
  target(flow: FlowNames, value: unknown, path: string): Target | undefined {
    const name = textOf(value);
    if (name === undefined) return undefined;
    if (name === 'end') return 'end';
    const place = flow.ids.get(name);
    if (place) return { list: place.list, index: place.index };
    if (flow.lists.has(name) && name !== '') return { list: name, index: 0 };
    if (this.flows.has(name)) return { flow: this.#link(flow.name, name) };
    const known = [...flow.ids.keys(), ...flow.lists.keys(), ...this.flows.keys(), 'end'].filter((known) => known !== '');
    this.#out.error({ code: 'unknown_target', path, found: name, message: `\`${name}\` is no step id or label of flow \`${flow.name}\`, and no flow`, remedy: didYouMean(name, known) ?? `targets here: ${known.slice(0, 12).join(', ')}` });
    return undefined;
  }

  /** Finds a flow by name, from another flow or ('') from the top level. */
  flow(value: unknown, path: string, from = ''): string | undefined {
    const name = textOf(value);
    if (name === undefined) return undefined;
    if (this.flows.has(name)) return this.#link(from, name);
    // That there are none is reported already.
    if (this.flows.size === 0) return undefined;
    this.#out.error({ code: 'unknown_flow', path, found: name, message: `flow \`${name}\` does not exist`, remedy: didYouMean(name, this.flows.keys()) ?? `flows: ${[...this.flows.keys()].slice(0, 12).join(', ')}` });
    return undefined;
  }

  #link(from: string, to: string): string {
    const targets = this.edges.get(from) ?? new Set();
    this.edges.set(from, targets.add(to));
    return to;
  }
}
