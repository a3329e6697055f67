import type { ApiCallRequest, ApiCallResult, ArmedTimer, GuestEvent, GuestOutput, GuestState } from '@botplane/contracts';
import { readUpdateKeys, stateKeyOf } from '@botplane/domain';
import type { Json } from '@botplane/domain';
import { createEngine } from '../engine/run.ts';
import type { Engine } from '../engine/run.ts';
import type { Program } from '../program/program.ts';

export interface LocalRunsOptions {
  /** The bot itself, as getMe tells. */
  bot: { id: number; username: string };
  /** Answers API calls. */
  api: (call: ApiCallRequest) => ApiCallResult;
}

interface Kept {
  state: GuestState;
  timers: ArmedTimer[];
}

/** The executor's part without a cluster: states and timers of all conversations, in memory; time comes from outside. */
export class LocalRuns {
  #program: Program;
  #engine: Engine;
  #revision = 1;
  readonly #options: LocalRunsOptions;
  readonly #kept = new Map<string, Kept>();
  #runs = 0;

  constructor(program: Program, options: LocalRunsOptions) {
    this.#program = program;
    this.#engine = createEngine(program);
    this.#options = options;
  }

  get program(): Program {
    return this.#program;
  }

  /** Goes on with a changed spec; conversations under way move to it where it still has their step. */
  useProgram(program: Program): void {
    this.#program = program;
    this.#engine = createEngine(program);
    this.#revision += 1;
  }

  /** The conversation that an update belongs to. */
  keyOf(update: { [field: string]: Json }): string {
    const keys = readUpdateKeys({ update_id: 1, ...update });
    return keys ? stateKeyOf(keys, this.#program.meta.stateKey) : 'none';
  }

  stateOf(key: string): GuestState | undefined {
    return this.#kept.get(key)?.state;
  }

  /** The first timer that is due at a time; undefined when none is. */
  dueTimer(untilMs: number): { key: string; timer: ArmedTimer } | undefined {
    let first: { key: string; timer: ArmedTimer } | undefined;
    for (const [key, { timers }] of this.#kept) {
      for (const timer of timers) if (timer.atMs <= untilMs && (first === undefined || timer.atMs < first.timer.atMs)) first = { key, timer };
    }
    return first;
  }

  /** Lets a timer fire. */
  fire({ key, timer }: { key: string; timer: ArmedTimer }, nowMs: number): GuestOutput {
    return this.run(key, { kind: 'timer', key: timer.key, nonce: timer.nonce }, nowMs);
  }

  /** Runs one event to its end and keeps what became of the conversation; the effects are the caller's to carry out. */
  run(key: string, event: GuestEvent, nowMs: number): GuestOutput {
    this.#runs += 1;
    const kept = this.#kept.get(key) ?? { state: {}, timers: [] };
    const revision = this.#revision === 1 ? 'local' : `local-${this.#revision}`;
    const before = kept.state.conversation?.revision;
    const conversation = before === undefined || before === revision ? 'own' : 'moved';
    const env = { nowMs, bot: this.#options.bot, revision, runId: `local:${key}:${this.#runs}`, answerPress: true, conversation, routed: true };
    const enter = (resume?: { [field: string]: Json }): GuestOutput => JSON.parse(this.#engine.run(JSON.stringify({ event, state: kept.state, env, ...(resume ? { resume } : {}) }))) as GuestOutput;
    let output = enter();
    while (output.request) output = enter({ continuation: output.request.continuation, result: this.#options.api(output.request.call) as unknown as Json });
    this.#kept.set(key, { state: output.state, timers: output.timers });
    return output;
  }
}
