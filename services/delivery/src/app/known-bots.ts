import type { Freezes } from '../domain/freezes.ts';
import { STORE_PAUSE_MS } from '../limits.ts';
import { pause } from './pause.ts';
import type { DeliveryLog, SentRecords } from './ports.ts';

export interface KnownBotsParts {
  readonly sent: SentRecords;
  readonly freezes: Freezes;
  readonly log: DeliveryLog;
}

/** Reads, once per bot and ownership, whether Telegram told an earlier owner to leave the whole bot alone. */
export class KnownBots {
  private readonly bots = new Map<string, Promise<void> | undefined>();
  private readonly parts: KnownBotsParts;
  private readonly stopping: AbortSignal;

  constructor(parts: KnownBotsParts, stopping: AbortSignal) {
    this.parts = parts;
    this.stopping = stopping;
  }

  /** Undefined: it is known. */
  know(botId: string): Promise<void> | undefined {
    if (this.bots.has(botId)) return this.bots.get(botId);
    const reading = this.read(botId).then(() => void this.bots.set(botId, undefined));
    this.bots.set(botId, reading);
    return reading;
  }

  private async read(botId: string): Promise<void> {
    const { sent, freezes, log } = this.parts;
    while (!this.stopping.aborted) {
      try {
        const untilMs = await sent.loadBotFreeze(botId);
        return freezes.restore(botId, undefined, untilMs - Date.now(), performance.now());
      } catch (err) {
        log.warn({ err, botId }, 'freeze of the bot not read');
        await pause(STORE_PAUSE_MS, this.stopping);
      }
    }
  }
}
