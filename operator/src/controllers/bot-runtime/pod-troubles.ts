import { keyOf } from '@botplane/k8s';
import type { BotRevision } from '@botplane/k8s';
import type { Outcome } from '../../outcome.ts';

/** Why the pods of Dedicated revisions cannot be made. Their BotRevision is the only place where people look for it. */
export class PodTroubles {
  private readonly messages = new Map<string, string>();
  private readonly onChange: (revision: BotRevision, trouble: Outcome | undefined) => void;

  /** `onChange` hears of each trouble once, and of its end. */
  constructor(onChange: (revision: BotRevision, trouble: Outcome | undefined) => void) {
    this.onChange = onChange;
  }

  /** By key of the revision. */
  of(key: string): string | undefined {
    return this.messages.get(key);
  }

  note(revision: BotRevision, { state, ...applied }: Outcome): void {
    const key = keyOf(revision);
    const message = state === 'failed' ? applied.message : undefined;
    if (message === this.messages.get(key)) return;
    if (message === undefined) this.messages.delete(key);
    else this.messages.set(key, message);
    this.onChange(revision, message === undefined ? undefined : { state, ...applied });
  }

  /** The revision has no pods any more. */
  forget(key: string): void {
    this.messages.delete(key);
  }
}
