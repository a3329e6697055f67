import { killExecutor } from './kills.ts';
import type { Scenario } from './scenario.ts';

/** Every scenario by the name that `make chaos NAME=…` takes. */
export const SCENARIOS: Readonly<Record<string, () => Scenario>> = {
  'kill-executor': killExecutor,
};
