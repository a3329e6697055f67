// First, since the CEL library makes its codecs while it loads.
// oxlint-disable-next-line import/no-unassigned-import
import './text-codecs.ts';
import type { Program } from '../program/program.ts';
import { createEngine } from './run.ts';

/** Entry of the bundle: bot.js is this, followed by `botplane.init(program)`. Only `run` stays visible to the host. */
const scope = globalThis as unknown as { botplane: { init?: (program: Program) => void; run?: (inputJson: string) => string } };
scope.botplane = {
  init(program) {
    const engine = createEngine(program);
    scope.botplane = { run: engine.run };
  },
};
