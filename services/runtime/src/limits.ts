/** What a revision may ask for at most, whatever its Load says. */
export const MEMORY_MIB_MAX = 256;
/** isolated-vm needs at least 8. */
export const MEMORY_MIB_MIN = 8;
export const CPU_MS_MAX = 1_000;
export const CPU_MS_MIN = 5;
/** A host is killed when the call at its head exceeds its limit by this much. */
export const WATCHDOG_GRACE_MS = 500;
/** Budget that a host may announce for one phase of a call (cold start, second try), at most. */
export const PHASE_MS_MAX = 2_000;
/** Phases that one call may announce. */
export const PHASES_MAX = 6;
/** Calls sent to a host and not answered yet; the rest waits in the fair queue. */
export const HOST_WINDOW_CALLS = 8;
/** Calls of one bot that a host gets in one turn, as long as its steps take no longer than this. */
export const TURN_CALLS_MAX = 4;
export const TURN_STEP_MS_MAX = 1;
/** Calls that wait in this pod, and of one bot. */
export const QUEUE_CALLS_MAX = 4_096;
export const QUEUE_CALLS_PER_BOT_MAX = 512;
/** Times a call is run again because its host was lost to another call. */
export const RERUNS_MAX = 3;
/** Hosts that must die with a call before it is to blame: the last of them had no other call, */
export const SIDE_LOSSES_MIN = 2;
/** or so many have died with it. */
export const SIDE_LOSSES_MAX = 5;
/** Strikes in the window after which a revision runs in the side host only, for as long again. */
export const STRIKES_MAX = 3;
export const STRIKE_WINDOW_MS = 10 * 60_000;
/** Calls in the window that used all their time or memory, after which a revision runs apart for as long; nobody is told. */
export const GREEDY_MAX = 1;
/** Processor time of a step that costs its neighbours nothing worth counting. */
export const STEP_FREE_MS = 10;
/** What a revision may spend beyond that before it runs apart, and how much of it comes back per second. */
export const STEP_BURST_MS = 60;
export const STEP_REFILL_MS_PER_SECOND = 5;
/** A revision that runs apart rests so many times as long as its step took: it gets a tenth of a core at most. */
export const APART_REST_FACTOR = 9;
export const APART_REST_MS_MAX = 2_000;
/** Its calls that wait for that, and how long: less than an executor waits for an answer. */
export const APART_WAITING_MAX = 16;
export const APART_WAIT_MS_MAX = 4_000;
/** Of all such revisions, the calls at their host: one runs, and one is there when it ends. */
export const APART_RUNNING_MAX = 2;
/** Share of its time below which a call that was killed there has got too little of it. */
export const STARVED_SHARE = 0.8;
/** Calls in a row that got too little of what others leave, after which the host for such revisions has a share of the processor, by this niceness, for so long. */
export const STARVED_MAX = 3;
export const LOW_PRIORITY_NICENESS = 10;
export const NOT_IDLE_MS = 2 * 60_000;
/** Pause before a host that died while starting is started again: doubles up to the maximum. */
export const RESPAWN_MS_MIN = 100;
export const RESPAWN_MS_MAX = 5_000;
/** While a host is down for longer than this its calls are refused as OVERLOADED. One that gets what others leave is ended when it takes longer to start. */
export const HOST_DOWN_MS_MAX = 3_000;
/** A host that keeps more resident memory than this, and so much for each isolate it may hold, is replaced between two calls. */
export const HOST_RSS_BASE_MIB = 256;
export const HOST_RSS_PER_ISOLATE_MIB = 6;
/** A host lives at least so long before it is replaced for its memory: a limit that is too low must not make all starts cold. */
export const HOST_AGE_MS_MIN = 60_000;
/** Code kept in this pod: the least recently used revisions go first. */
export const CODE_BYTES_TOTAL_MAX = 256 * 1024 * 1024;
export const CODE_BYTES_MAX = 4 * 1024 * 1024;
/** Engines kept once for all bots that begin with them: one per compiler whose bots are live. */
export const ENGINES_MAX = 8;
/** Length of a GuestInput. */
export const INPUT_CHARS_MAX = 2 * 1024 * 1024;
/** Isolates of the side host: loads, probes, first steps and what is under suspicion. */
export const SIDE_ISOLATES_MAX = 16;
export const SIDE_IDLE_TTL_MS = 60_000;
/** Text of a failure. */
export const MESSAGE_CHARS_MAX = 2_048;
/** Calls of one Run stream that are not answered yet. */
export const STREAM_CALLS_MAX = 1_024;
/** Shutdown waits so long for calls in hand. */
export const DRAIN_MS_MAX = 3_000;
/** What a host wrote to its standard error and is kept for the log. */
export const HOST_STDERR_CHARS_MAX = 2_048;
/** A host ends idle isolates and tells how it is four times within an idle TTL, within these bounds. */
export const SWEEP_MS_MIN = 100;
export const SWEEP_MS_MAX = 5_000;
