import type { DlqEntry } from '@botplane/contracts';
import { z } from 'zod';

/** Queues of dead letters: updates that could not be run, calls that could not be sent, jobs. */
export const QUEUES = ['in', 'out', 'jobs'] as const;
export type Queue = (typeof QUEUES)[number];

/** One message of the stream DLQ. */
export interface DeadLetter {
  /** Stream sequence: the id. */
  seq: number;
  queue: Queue;
  /** Last part of the subject: the bot, or the name of the job queue. */
  subjectName: string;
  storedMs: number;
  bytes: number;
  /** Null when the body is not a dead letter. */
  entry: DlqEntry | null;
}

/** Which letters of a queue are meant; all of them without a filter. */
export interface LetterFilter {
  queue: Queue;
  bot?: string | undefined;
  reason?: string | undefined;
}

const json: z.ZodType = z.json();
const entrySchema = z.object({
  v: z.literal(1),
  botId: z.string(),
  subjectId: z.string(),
  reason: z.string(),
  message: z.string(),
  attempts: z.number(),
  failedMs: z.number(),
  payload: json,
  keys: z.object({ orderKey: z.string(), stateKey: z.string(), kind: z.string() }).optional(),
  target: z.string().optional(),
});

/** Reads a letter's body; null when it is none. */
export function readEntry(body: string): DlqEntry | null {
  try {
    return entrySchema.parse(JSON.parse(body)) as DlqEntry;
  } catch {
    return null;
  }
}

/** The queue and the rest of `dlq.<queue>.<name>`; undefined for other subjects. */
export function parseLetterSubject(subject: string): { queue: Queue; name: string } | undefined {
  const [, queue, ...rest] = subject.split('.');
  return QUEUES.includes(queue as Queue) ? { queue: queue as Queue, name: rest.join('.') } : undefined;
}

/** Reason of letters whose body cannot be read. */
export const UNREADABLE = 'unreadable';

/** Whether a letter is meant. */
export function matches(letter: DeadLetter, filter: LetterFilter): boolean {
  if (letter.queue !== filter.queue) return false;
  if (filter.reason !== undefined && filter.reason !== (letter.entry?.reason ?? UNREADABLE)) return false;
  return filter.bot === undefined || filter.bot === botOf(letter);
}

/** The bot of a letter; of unreadable ones the subject tells it, except for jobs. */
export function botOf(letter: DeadLetter): string | undefined {
  return letter.entry?.botId ?? (letter.queue === 'jobs' ? undefined : letter.subjectName);
}
