import type { Db } from '@botplane/db';
import { token } from '@botplane/kit';
import type { Log } from '@botplane/kit';
import type { Nats } from '@botplane/nats';

/** The service's log. */
export const LOG = token<Log>('log');
export const DB = token<Db>('db');
export const NATS = token<Nats>('nats');
