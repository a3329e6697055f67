/** Rounds of a whole run and of a quick one; ours and the references are measured in each. */
export const ROUNDS = 5;
export const ROUNDS_QUICK = 2;
/** Processor time of processes that the bench did not start, as a share of the machine's: a round above it is measured again. */
export const FOREIGN_CPU_SHARE_MAX = 0.1;
/** How often a round is measured again for that; the one with the least of it counts. */
export const ROUND_REPEATS_MAX = 3;
/** A machine with a higher load average at the start may not be idle. It forgets a load within about a minute. */
export const LOAD_AVERAGE_MAX = 0.5;
/** Pause between two looks at what is due. Adds up to as much to a latency. */
export const OPEN_LOOP_TICK_MS = 1;
