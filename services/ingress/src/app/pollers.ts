import type { RouteRecord } from '@botplane/contracts';
import { pollerSlot } from '../domain/poller-slot.ts';
import { POLLERS_MAX } from '../limits.ts';
import { PollBot } from './poll-bot.ts';
import type { PollBotParts } from './poll-bot.ts';

interface Running {
  readonly slot: number;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** One poller per bot with `updates: Polling` whose slot this process owns. */
export class Pollers {
  private readonly running = new Map<string, Running>();
  private readonly ending = new Set<Promise<void>>();

  constructor(private readonly parts: PollBotParts) {}

  /** Pollers that run now. */
  get count(): number {
    return this.running.size;
  }

  /** Starts and stops pollers so that they are as routes and ownership want. */
  sync(owns: (slot: number) => boolean): void {
    for (const [botId, { slot }] of this.running) if (!owns(slot) || !isPolled(this.parts.routes.find(botId))) void this.end(botId);
    for (const route of this.parts.routes.all()) {
      if (!isPolled(route) || this.running.has(route.botId)) continue;
      const slot = pollerSlot(route.botId);
      if (owns(slot) && this.running.size < POLLERS_MAX) this.begin(route.botId, slot);
    }
  }

  /** Resolves once no poller of the slot has anything under way. */
  async endSlot(slot: number): Promise<void> {
    await Promise.all([...this.running].filter(([, one]) => one.slot === slot).map(([botId]) => this.end(botId)));
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.running.keys()].map((botId) => this.end(botId)));
    await Promise.all(this.ending);
  }

  private begin(botId: string, slot: number): void {
    const abort = new AbortController();
    this.parts.logger.info({ botId }, 'polling begins');
    this.running.set(botId, { slot, abort, done: new PollBot(botId, this.parts).run(abort.signal) });
  }

  private async end(botId: string): Promise<void> {
    const one = this.running.get(botId);
    if (!one) return;
    this.running.delete(botId);
    one.abort.abort();
    const ended = one.done.finally(() => this.ending.delete(ended));
    this.ending.add(ended);
    await ended;
    this.parts.logger.info({ botId }, 'polling ended');
  }
}

const isPolled = (route: RouteRecord | undefined): boolean => route?.updates === 'Polling' && route.state === 'Serving';
