import { failpoints } from './failpoints.ts';
import { poison, telegram429 } from './faults.ts';
import { killDelivery, killExecutor, killIngress, killNats, killRuntime } from './kills.ts';
import { movePools } from './move.ts';
import { pauseOwners } from './pause.ts';
import { redeliver } from './redeliver.ts';
import { scale131 } from './scale.ts';
import type { Scenario } from './scenario.ts';
import { wipeRoutes } from './wipe-routes.ts';

/** Every scenario by the name that `make chaos NAME=…` takes. */
export const SCENARIOS: Readonly<Record<string, () => Scenario>> = {
  'kill-executor': killExecutor,
  'kill-delivery': killDelivery,
  'kill-ingress': killIngress,
  'kill-runtime': killRuntime,
  'kill-nats': killNats,
  pause: pauseOwners,
  'scale-1-3-1': scale131,
  'move-pools': movePools,
  redeliver,
  poison,
  'telegram-429': telegram429,
  failpoints,
  'wipe-routes': wipeRoutes,
};
