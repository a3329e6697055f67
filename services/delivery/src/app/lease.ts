/** How long work on a partition may go on. */
export interface Lease {
  /** False once another member may own the partition: nothing may be written or acknowledged any more. */
  readonly isOwned: boolean;
  /** Aborted when no further call may be started: at a release, or when the ownership is lost. */
  readonly stopping: AbortSignal;
  /** Resolves when it is known what earlier owners were told of the whole bot; undefined: it is. */
  botKnown(botId: string): Promise<void> | undefined;
  /** Call right before anything goes out: notices when this process was asleep and its partitions may be others'. */
  confirm(): void;
  /** Gives the partition up, because its order is in doubt. */
  lose(reason: string): void;
}
