// First, since the CEL library makes its codecs while it loads.
// oxlint-disable-next-line import/no-unassigned-import
import './text-codecs.ts';
import { prepareExpressions } from '../program/cel.ts';
import type { Program } from '../program/program.ts';
import { rehearse } from './rehearse.ts';
import type { Rehearsal } from './rehearse.ts';
import { createEngine } from './run.ts';

/** JSON of a Rehearsal; put in by the bundler. */
declare const REHEARSAL: string;

interface Botplane {
  init?: (program: Program) => void;
  run?: (inputJson: string) => string;
  prepare?: () => void;
  rehearse?: () => void;
}

/**
 * Entry of the bundle: bot.js is this, followed by `botplane.init(program)`. Only `run` stays visible to the host. A host that keeps the
 * evaluated engine for several bots may call `prepare` first, and `rehearse` in a context that it throws away.
 */
const scope = globalThis as unknown as { botplane: Botplane };
scope.botplane = {
  init(program) {
    const engine = createEngine(program);
    scope.botplane = { run: engine.run };
  },
  /** Does in advance what all bots would do alike when they first need it. */
  prepare: prepareExpressions,
  /** Runs a made-up bot, so that V8 has compiled what most bots call. */
  rehearse: () => rehearse(JSON.parse(REHEARSAL) as Rehearsal),
};
