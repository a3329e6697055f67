import { STEP_MS_BOUNDS } from '@botplane/contracts';
import type { RevisionStats } from '@botplane/contracts';
import { parseBotId } from '@botplane/domain';
import { keyOf } from '@botplane/k8s';
import type { Bot } from '@botplane/k8s';
import type { Metrics } from '@botplane/kit/plain';
import { botMetrics } from '../../metrics.ts';

export interface BotMeterOptions {
  readonly bots: { list(): Bot[]; get(key: string): Bot | undefined };
  /** Every operator hears all counts: only the one that leads tells them, so that sums over pods are true. */
  readonly isLeading: () => boolean;
  /** Bots that are told of by name, at most: each is some 25 series. */
  readonly botsMax: number;
}

type Counts = RevisionStats['entries'][number];

const OUTCOMES = ['ok', 'failed', 'killed'] as const;

/** Steps that took longer than the last bound count as this long, ms. */
const LONGEST_STEP_MS = (STEP_MS_BOUNDS.at(-1) ?? 0) * 2;

/** What each bot did, by its name, for those who look at one bot. Bots that are gone and revisions that do not serve are forgotten. */
export class BotMeter {
  private readonly options: BotMeterOptions;
  private readonly meters: ReturnType<typeof botMetrics>;
  /** Revisions that were counted, by the key of their Bot. */
  private readonly named = new Map<string, Set<string>>();

  constructor(metrics: Metrics, options: BotMeterOptions) {
    this.options = options;
    this.meters = botMetrics(metrics, {
      ready: (gauge) => this.eachNamed((bot) => gauge.set(labelsOf(bot), isReady(bot) ? 1 : 0)),
      traffic: (gauge) => this.eachNamed((bot) => {
        for (const [revision, ratio] of trafficOf(bot)) gauge.set({ ...labelsOf(bot), revision }, ratio);
      }),
    });
  }

  /** Takes what an executor or a delivery counted. */
  add(entries: readonly Counts[]): void {
    if (!this.options.isLeading()) return;
    for (const entry of entries) {
      const ref = parseBotId(entry.botId);
      const bot = ref && this.options.bots.get(keyOf(ref));
      if (bot && trafficOf(bot).has(entry.revision) && this.isNamed(keyOf(bot.metadata))) this.count(bot, entry);
    }
  }

  private count(bot: Bot, { revision, runs, errors, kills, deadLetters, stepMs }: Counts): void {
    this.countFromZero(bot);
    const own = labelsOf(bot);
    const { steps, letters, seconds } = this.meters;
    steps.inc({ ...own, revision, outcome: 'ok' }, runs - errors);
    steps.inc({ ...own, revision, outcome: 'failed' }, errors - kills);
    steps.inc({ ...own, revision, outcome: 'killed' }, kills);
    letters.inc({ ...own, revision }, deadLetters);
    stepMs.forEach((count, index) => {
      for (let left = count; left > 0; left--) seconds.observe(own, (STEP_MS_BOUNDS[index] ?? LONGEST_STEP_MS) / 1_000);
    });
  }

  private eachNamed(tell: (bot: Bot) => void): void {
    if (!this.options.isLeading()) return;
    this.forget();
    for (const bot of this.options.bots.list()) {
      if (!this.isNamed(keyOf(bot.metadata))) continue;
      this.countFromZero(bot);
      tell(bot);
    }
  }

  /** Takes the Bot in while there is room. */
  private isNamed(key: string): boolean {
    if (!this.named.has(key) && this.named.size < this.options.botsMax) this.named.set(key, new Set());
    return this.named.has(key);
  }

  /** So that the first event of a revision counts in `rate()`. */
  private countFromZero(bot: Bot): void {
    const revisions = this.named.get(keyOf(bot.metadata));
    for (const revision of trafficOf(bot).keys()) {
      if (revisions?.has(revision)) continue;
      for (const outcome of OUTCOMES) this.meters.steps.inc({ ...labelsOf(bot), revision, outcome }, 0);
      this.meters.letters.inc({ ...labelsOf(bot), revision }, 0);
      revisions?.add(revision);
    }
  }

  private forget(): void {
    for (const [key, revisions] of this.named) {
      const [namespace = '', name = ''] = key.split('/');
      const bot = this.options.bots.get(key);
      const serving = bot ? trafficOf(bot) : new Map<string, number>();
      for (const revision of revisions) {
        if (serving.has(revision)) continue;
        for (const outcome of OUTCOMES) this.meters.steps.remove({ namespace, bot: name, revision, outcome });
        this.meters.letters.remove({ namespace, bot: name, revision });
        revisions.delete(revision);
      }
      if (bot) continue;
      this.meters.seconds.remove({ namespace, bot: name });
      this.named.delete(key);
    }
  }
}

const labelsOf = ({ metadata: { namespace = '', name } }: Bot): { namespace: string; bot: string } => ({ namespace, bot: name });

const isReady = ({ status }: Bot): boolean => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** Revisions that serve, with their shares of the chats. */
function trafficOf({ status }: Bot): Map<string, number> {
  const { stableRevision, canaryRevision, canaryWeight = 0 } = status ?? {};
  const shares = new Map<string, number>();
  if (stableRevision !== undefined) shares.set(stableRevision, canaryRevision === undefined ? 1 : 1 - canaryWeight / 100);
  if (canaryRevision !== undefined) shares.set(canaryRevision, canaryWeight / 100);
  return shares;
}
