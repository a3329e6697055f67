import { hash32 } from '@botplane/domain';

/** Pollers are owned by slots, so that ownership costs the same for one bot and for thousands. */
export const POLLER_SLOTS = 64;

/** Slot of a bot's poller. */
export const pollerSlot = (botId: string): number => hash32(`poller/${botId}`) % POLLER_SLOTS;
