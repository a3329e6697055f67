import type { DlqEntry } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { redactText } from '@botplane/kit';
import type { z } from 'zod';
import { UNREADABLE, botOf } from '../../domain/dead-letter.ts';
import type { DeadLetter } from '../../domain/dead-letter.ts';
import { maskPersonal } from '../../domain/mask.ts';
import { PREVIEW_BYTES_MAX } from '../../limits.ts';
import type { letterDetail, letterSummary } from './schemas.ts';

/** A dead letter in a list: what a person said and who it was is masked. */
export function toSummary(letter: DeadLetter): z.output<typeof letterSummary> {
  const isSmall = letter.bytes <= PREVIEW_BYTES_MAX;
  return { ...base(letter), payload: letter.entry !== null && isSmall ? maskPersonal(letter.entry.payload) : null };
}

/** A dead letter by itself, as it was. */
export function toDetail(letter: DeadLetter): z.output<typeof letterDetail> {
  return { ...base(letter), payload: letter.entry?.payload ?? null };
}

function base(letter: DeadLetter): Omit<z.output<typeof letterSummary>, 'payload'> {
  const { entry, seq, queue, storedMs, bytes } = letter;
  const storedAt = new Date(storedMs).toISOString();
  return {
    id: String(seq),
    queue,
    botId: botOf(letter) ?? null,
    subjectId: entry?.subjectId ?? null,
    reason: entry?.reason ?? UNREADABLE,
    message: entry === null ? 'the entry cannot be read; delete it' : redactText(entry.message),
    attempts: entry?.attempts ?? 0,
    failedAt: entry === null ? storedAt : new Date(entry.failedMs).toISOString(),
    storedAt,
    kind: entry === null ? null : kindOf(entry),
    orderKey: entry?.keys?.orderKey ?? null,
    bytes,
  };
}

function kindOf(entry: DlqEntry): string | null {
  const method = (entry.payload as { [name: string]: Json } | null)?.['method'];
  return entry.keys?.kind ?? (typeof method === 'string' ? method : null);
}
