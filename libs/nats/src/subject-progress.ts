import { LIMITS } from './limits.ts';

interface Progress {
  /** Sequences accepted and not settled; ascending, since they are accepted in order. */
  readonly open: Set<number>;
  last: number;
  settledSincePurge: number;
}

/**
 * What is settled per subject. One chat that waits holds back the ack floor of its whole partition; without this, the settled
 * messages of all other bots would pile up behind it until their own limits refused new ones.
 */
export class SubjectProgress {
  private readonly subjects = new Map<string, Progress>();
  /** Accepted, and not known to be purged; ascending. */
  private readonly sequences: number[] = [];
  private unpurged = 0;

  accepted(subject: string, seq: number): void {
    let progress = this.subjects.get(subject);
    if (progress === undefined) {
      progress = { open: new Set(), last: 0, settledSincePurge: 0 };
      this.subjects.set(subject, progress);
    }
    progress.open.add(seq);
    progress.last = seq;
    this.sequences.push(seq);
  }

  /** False: it was settled before. */
  settled(subject: string, seq: number): boolean {
    const progress = this.subjects.get(subject);
    if (progress?.open.delete(seq) !== true) return false;
    progress.settledSincePurge++;
    this.unpurged++;
    return true;
  }

  /** Settled messages that no purge has removed. */
  get settledCount(): number {
    return this.unpurged;
  }

  /** The last sequence up to which everything accepted is settled; `last`: the last one accepted. */
  floor(last: number): number {
    let floor = last;
    for (const { open } of this.subjects.values()) for (const oldest of open) {
      floor = Math.min(floor, oldest - 1);
      break;
    }
    return floor;
  }

  /** How many messages a purge up to the floor would remove. */
  countTo(floor: number): number {
    let [from, to] = [0, this.sequences.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.sequences[middle] ?? 0) <= floor) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Everything up to the floor was purged. */
  purgedTo(floor: number): void {
    this.unpurged -= this.sequences.splice(0, this.countTo(floor)).length;
    for (const [subject, progress] of this.subjects) if (progress.open.size === 0 && progress.last <= floor) this.subjects.delete(subject);
  }

  /** Subjects with so much settled that they are worth a purge of their own, each with the sequence to purge below. Counts start anew. */
  takePurges(): { subject: string; below: number }[] {
    const purges: { subject: string; below: number }[] = [];
    for (const [subject, progress] of this.subjects) {
      if (progress.settledSincePurge < LIMITS.subjectPurgeMessages) continue;
      const [oldestOpen] = progress.open;
      progress.settledSincePurge = 0;
      purges.push({ subject, below: oldestOpen ?? progress.last + 1 });
    }
    return purges;
  }
}
