import { DELIVERY } from './delivery.ts';
import type { Dashboard } from './model.ts';
import { ONE_BOT } from './one-bot.ts';
import { OPERATOR } from './operator.ts';
import { OVERVIEW } from './overview.ts';
import { SANDBOXES } from './sandboxes.ts';

/** All dashboards; each becomes a file in charts/botplane/dashboards. */
export const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, ONE_BOT, DELIVERY, SANDBOXES, OPERATOR];
