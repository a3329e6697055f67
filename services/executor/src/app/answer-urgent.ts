import type { OutboundCall } from '@botplane/contracts';
import type { Span } from '@botplane/kit';
import { errorTextFor } from '../domain/outbox.ts';
import { isAnswered, urgentAnswer } from '../domain/urgent-answer.ts';
import type { UrgentQuery } from '../domain/urgent-answer.ts';
import { GuestFailure } from './failures.ts';
import type { Passports, Routes } from './ports.ts';

/** Hands an answer to delivery, at most once however often it is called. Throws TemporaryFailure. */
export interface UrgentAnswers {
  publish(call: OutboundCall, updateId: number, span?: Span): Promise<void>;
}

export type UrgentOutcome = 'answered' | 'left_alone' | 'no_bot';

/** Telegram takes no refusal without words; these are for a bot whose passport cannot be read. */
const FALLBACK_TEXT = 'Something went wrong. Please try again later.';

/** Answers a query that cannot wait: no state is changed, no order is kept, nothing outside is asked. */
export class AnswerUrgent {
  constructor(
    private readonly routes: Pick<Routes, 'find' | 'refresh'>,
    private readonly passports: Passports,
    private readonly answers: UrgentAnswers,
  ) {}

  /** Throws TemporaryFailure when something is away; the query then comes again. */
  async execute(query: UrgentQuery, span?: Span): Promise<UrgentOutcome> {
    if (!isAnswered(query.kind)) return 'left_alone';
    const route = this.routes.find(query.botId) ?? (await this.routes.refresh(query.botId));
    const revision = route?.state === 'Serving' ? route.split[0]?.revision : undefined;
    if (route === undefined || revision === undefined) return 'no_bot';
    const text = await this.errorText(query, route.revisions[revision]?.revHash);
    await this.answers.publish(urgentAnswer(query, revision, text), query.updateId, span);
    return 'answered';
  }

  private async errorText(query: UrgentQuery, revHash: string | undefined): Promise<string> {
    if (revHash === undefined) return FALLBACK_TEXT;
    try {
      return errorTextFor(await this.passports.get(query.botId, revHash), query.language) || FALLBACK_TEXT;
    } catch (error) {
      if (error instanceof GuestFailure) return FALLBACK_TEXT;
      throw error;
    }
  }
}
