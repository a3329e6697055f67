/** Upper bounds, in ms, of what the duration of a step is counted under; the last count is of all that took longer. */
export const STEP_MS_BOUNDS = [1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 350, 500, 1_000, 2_000, 5_000] as const;

/** What one revision did. */
export interface RevisionCounts {
  /** Steps that were asked of a runtime pod and were the revision's to take. */
  runs: number;
  /** Of these, those that failed by the bot's own fault. */
  errors: number;
  /** Of these, those that were ended by force. */
  kills: number;
  /** Updates given up, and calls that Telegram refused by the fault of the revision. */
  deadLetters: number;
  /** Steps by duration: one count per STEP_MS_BOUNDS and one for the rest. */
  stepMs: number[];
}

/** Body of `stats.revisions`, core NATS: what one executor or delivery counted since its last message. One that is lost is lost. */
export interface RevisionStats {
  v: 1;
  entries: (RevisionCounts & { botId: string; revision: string })[];
}
