import { RECHECK_MS } from '../../limits.ts';
import { Annotations } from '../../names.ts';
import { failed } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import type { BotDeps, BotWork } from './observe.ts';

/** Address that Telegram calls for a bot. */
export const webhookUrlOf = (root: string, botId: string): string => `${root}/wh/${botId}`;

/** True for an address of this installation, also one from before its root moved (`formerly`). */
function isOwn(url: string, root: string, formerly: string | undefined): boolean {
  return url === formerly || url.startsWith(webhookUrlOf(root, ''));
}

/** When the webhook of each bot was last looked at; the first look of a process is spread over the interval, so that 1,000 bots do not come at once. */
export class WebhookChecks {
  private readonly lastMs = new Map<string, number>();
  private readonly told = new Map<string, { webhook?: string; commands?: string }>();
  private readonly intervalMs: number;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  /** Milliseconds until the next look; 0 when it is due. */
  dueInMs(botId: string, nowMs: number): number {
    const last = this.lastMs.get(botId) ?? this.remember(botId, nowMs - Math.random() * this.intervalMs);
    return Math.max(0, last + this.intervalMs - nowMs);
  }

  remember(botId: string, nowMs: number): number {
    this.lastMs.set(botId, nowMs);
    return nowMs;
  }

  forget(botId: string): void {
    this.lastMs.delete(botId);
    this.told.delete(botId);
  }

  /** True when this process told Telegram just that, though status may not say so yet: what is done is not done again because a status was not written. */
  wasTold({ botId, uid }: BotWork, what: 'webhook' | 'commands', hash: string): boolean {
    return this.told.get(botId)?.[what] === `${uid}/${hash}`;
  }

  rememberTold({ botId, uid }: BotWork, what: 'webhook' | 'commands', hash: string): void {
    this.told.set(botId, { ...this.told.get(botId), [what]: `${uid}/${hash}` });
  }
}

/**
 * Looks at what webhook Telegram has. Another program's is left alone, since two that set webhooks against each other lose updates for both; the
 * Bot says so instead, unless its annotation allows to replace it. Returns the present address, or the refusal.
 */
export async function findWebhook(deps: BotDeps, work: BotWork, token: string): Promise<{ url: string } | { refusal: Outcome }> {
  const url = await deps.telegram.webhookUrl(token);
  deps.webhookChecks.remember(work.botId, deps.nowMs());
  if (url === '' || isOwn(url, deps.settings.webhookUrl, work.draft.webhook?.url)) return { url };
  if (work.bot.metadata.annotations?.[Annotations.replaceWebhook] === 'true') return { url };
  // Paths of webhooks often hold secrets: only the origin is told.
  const origin = URL.canParse(url) ? new URL(url).origin : 'an address';
  const message = `another program has Telegram send the updates of this bot to ${origin}; stop it and remove its webhook (deleteWebhook), or set the annotation ${Annotations.replaceWebhook}: "true" to replace it`;
  return { refusal: failed(Reasons.WebhookConflict, message, RECHECK_MS) };
}

/** Removes the webhook of this installation; one of another program stays. */
export async function removeOwnWebhook(deps: BotDeps, token: string, formerly?: string): Promise<void> {
  const url = await deps.telegram.webhookUrl(token);
  if (url !== '' && isOwn(url, deps.settings.webhookUrl, formerly)) await deps.telegram.deleteWebhook(token);
}
