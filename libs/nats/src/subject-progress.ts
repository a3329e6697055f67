import { LIMITS } from './limits.ts';

interface Progress {
  /** Sequences accepted and not settled; ascending, since they are accepted in order. */
  readonly open: Set<number>;
  last: number;
  settledSincePurge: number;
  /** Sequences settled and not known to be purged. The stream's own limits bound them. */
  unpurged: number[];
}

/**
 * What is settled per subject. One chat that waits holds back the ack floor of its whole partition; without this, the settled
 * messages of all other bots would pile up behind it until their own limits refused new ones.
 */
export class SubjectProgress {
  private readonly subjects = new Map<string, Progress>();
  private settledTotal = 0;

  accepted(subject: string, seq: number): void {
    let progress = this.subjects.get(subject);
    if (progress === undefined) {
      progress = { open: new Set(), last: 0, settledSincePurge: 0, unpurged: [] };
      this.subjects.set(subject, progress);
    }
    progress.open.add(seq);
    progress.last = seq;
  }

  /** False: it was settled before. */
  settled(subject: string, seq: number): boolean {
    const progress = this.subjects.get(subject);
    if (progress?.open.delete(seq) !== true) return false;
    progress.settledSincePurge++;
    progress.unpurged.push(seq);
    this.settledTotal++;
    return true;
  }

  /** Messages settled so far. */
  get settledCount(): number {
    return this.settledTotal;
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

  /** A purge up to the floor would remove so many messages at least. */
  isWorthPurge(floor: number, messagesMin: number): boolean {
    let count = 0;
    for (const { unpurged } of this.subjects.values()) for (const seq of unpurged) if (seq <= floor && ++count >= messagesMin) return true;
    return false;
  }

  /** Everything up to the floor was purged. */
  purgedTo(floor: number): void {
    for (const progress of this.subjects.values()) progress.unpurged = progress.unpurged.filter((seq) => seq > floor);
    for (const [subject, progress] of this.subjects) if (progress.open.size === 0 && progress.last <= floor) this.subjects.delete(subject);
  }

  /** Subjects with so much settled that they are worth a purge of their own, each with the sequence to purge below. Counts start anew. */
  takePurges(): { subject: string; below: number }[] {
    const purges: { subject: string; below: number }[] = [];
    for (const [subject, progress] of this.subjects) {
      if (progress.settledSincePurge < LIMITS.subjectPurgeMessages) continue;
      const [oldestOpen] = progress.open;
      const below = oldestOpen ?? progress.last + 1;
      progress.settledSincePurge = 0;
      progress.unpurged = progress.unpurged.filter((seq) => seq >= below);
      purges.push({ subject, below });
    }
    return purges;
  }
}
