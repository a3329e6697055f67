import type { ChatRecord } from '@botplane/contracts';
import { judge } from './chat-record.ts';

/** What of an update decides whether it may take the place of an earlier one. */
export interface Rival {
  readonly seq: number;
  readonly stateKey: string;
  readonly kind: string;
  readonly updateId: number | undefined;
}

/** The kind of updates that supersede and are superseded. */
export const MESSAGE_KIND = 'message';

/**
 * The updates behind a message that may take its place, the newest first: messages of the same state key, up to the first update of that
 * key of another kind (a press or a timer counts on what came before it), and none that is a copy of the message itself or of one
 * that is settled already.
 */
export function rivalsOf<R extends Rival>(head: Rival, behind: readonly R[], record: ChatRecord | undefined): R[] {
  if (head.kind !== MESSAGE_KIND) return [];
  const rivals: R[] = [];
  for (const waiting of behind) {
    if (waiting.stateKey !== head.stateKey) continue;
    if (waiting.kind !== MESSAGE_KIND) break;
    if (waiting.updateId !== undefined && waiting.updateId !== head.updateId && judge(record, waiting) === 'run') rivals.push(waiting);
  }
  return rivals.reverse();
}
