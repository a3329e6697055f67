import { STREAMS } from '@botplane/contracts';
import { streamConfigs } from '@botplane/nats';
import { nanos } from '@nats-io/nats-core';
import { AFTER_WINDOW_MS, REDELIVERED_SHARE, SHORT_WINDOW_MS } from '../limits.ts';
import type { Injected } from '../load/feeder.ts';
import type { Run } from '../run.ts';
import type { World } from '../world/world.ts';
import { GAUGES, needKills, pairs } from './kills.ts';
import { inRounds } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const WHENS = ['inside', 'after', 'takeover'] as const;
type When = (typeof WHENS)[number];

/** Every n-th update is sent again; in turns inside the duplicate window, after it, and after the next takeover. */
const EVERY = Math.round(1 / REDELIVERED_SHARE);
/** Redeliveries wait until their update was answered: Telegram keeps it in line before that. */
const ANSWERED_MS = 500;

/**
 * Telegram sends 5 % of the updates again. Inside the stream's duplicate window the broker drops them; after it, and for an owner
 * that has just taken over, the record of the chat has to know them.
 */
export const redeliver = (): Scenario => {
  const again = new Redeliveries();
  return {
    prepare: async (world) => {
      await pairs(world);
      await shortenWindow(world);
    },
    onInjected: (injected) => again.take(injected),
    disturb: async (run) => {
      const sending = again.run(run);
      sending.catch((error: Error) => run.fail(error));
      await inRounds(run, run.plan.kills, async () => {
        const victim = await run.killBusy(run.world.executor, GAUGES.executor);
        await victim?.untilReady();
        // Every service sets the streams as it wants them when it starts.
        await shortenWindow(run.world);
        await again.afterTakeover(run);
      });
      await run.until(() => run.checker.injected >= run.plan.updates, Number.POSITIVE_INFINITY);
      await again.afterTakeover(run);
      again.stop();
      await sending;
      await restoreWindow(run.world);
    },
    judge: (run) => {
      needKills(run);
      run.print(`sent again: ${WHENS.map((when) => `${again.sent[when]} ${when === 'takeover' ? 'across a takeover' : `${when} the window`}`).join(', ')}`);
      for (const when of WHENS) if (again.sent[when] === 0) run.problems.push(`nothing was sent again: ${when}`);
    },
  };
};

/** The services keep five minutes, longer than a run takes. */
async function shortenWindow({ nats }: World): Promise<void> {
  await nats.jsm.streams.update(STREAMS.updates, { duplicate_window: nanos(SHORT_WINDOW_MS) });
}

async function restoreWindow({ nats }: World): Promise<void> {
  const wanted = streamConfigs().find(({ name }) => name === STREAMS.updates);
  if (wanted?.duplicate_window !== undefined) await nats.jsm.streams.update(STREAMS.updates, { duplicate_window: wanted.duplicate_window });
}

class Redeliveries {
  readonly sent: Record<When, number> = { inside: 0, after: 0, takeover: 0 };
  private readonly due: { injected: Injected; when: When; atMs: number }[] = [];
  private held: Injected[] = [];
  private seen = 0;
  private isStopping = false;

  take(injected: Injected): void {
    if (++this.seen % EVERY !== 0) return;
    const when = WHENS[(this.seen / EVERY) % WHENS.length] ?? 'inside';
    if (when === 'takeover') this.held.push(injected);
    else this.due.push({ injected, when, atMs: Date.now() + (when === 'inside' ? ANSWERED_MS : AFTER_WINDOW_MS) });
  }

  /** What was held back goes out once the new owners are at work. */
  async afterTakeover(run: Run): Promise<void> {
    const held = this.held;
    this.held = [];
    await this.sendAll(run, held.map((injected) => ({ injected, when: 'takeover' as const })));
  }

  stop(): void {
    this.isStopping = true;
  }

  /** Sends what is due, until it is told to stop and nothing is left. */
  async run(run: Run): Promise<void> {
    await run.until(async () => {
      const nowMs = Date.now();
      const ready = this.due.filter(({ atMs }) => atMs <= nowMs);
      this.due.splice(0, this.due.length, ...this.due.filter(({ atMs }) => atMs > nowMs));
      await this.sendAll(run, ready);
      return this.isStopping && this.due.length === 0;
    }, Number.POSITIVE_INFINITY);
  }

  private async sendAll(run: Run, items: readonly { injected: Injected; when: When }[]): Promise<void> {
    for (const { injected, when } of items) {
      await run.world.telegram.redeliver(injected.bot.token, injected.updateId);
      this.sent[when]++;
    }
  }
}
