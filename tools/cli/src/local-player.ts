import { LocalRuns, buildArtefacts } from '@botplane/botspec';
import { answersOf } from './api-answers.ts';
import type { Io } from './io.ts';
import type { LoadedSpec } from './load.ts';
import type { TelegramCalls } from './telegram-calls.ts';
import type { ReadFile } from './upload-files.ts';

/** Seconds of one getUpdates. */
const POLL_S = 20;
/** The longest sleep of a timer: setTimeout counts 31 bits. */
const SLEEP_MS_MAX = 2_000_000_000;
/** Pause after a poll that failed. */
const POLL_RETRY_MS = 1_000;

type Update = { update_id: number } & { [field: string]: never };
type Output = ReturnType<LocalRuns['run']>;

/** Plays one spec against a Bot API: takes its updates one by one, fires its timers, carries out what it wants. */
export class LocalPlayer {
  private readonly runs: LocalRuns;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Updates and timers wait for each other: one bot in one place has one order. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private loaded: LoadedSpec,
    private readonly telegram: TelegramCalls,
    bot: { id: number; username: string },
    private readonly io: Io,
  ) {
    this.runs = new LocalRuns(loaded.program, { bot, api: answersOf(() => this.loaded.spec, io) });
  }

  /** Goes on with a changed spec. */
  use(loaded: LoadedSpec): Promise<void> {
    return this.inTurn(async () => {
      this.loaded = loaded;
      this.runs.useProgram(loaded.program);
      await this.tellCommands();
    });
  }

  /** Registers the commands, then plays until the signal. */
  async play(stop: AbortSignal): Promise<void> {
    await this.inTurn(() => this.tellCommands());
    for (let offset = 0; !stop.aborted;) {
      try {
        const updates = (await this.telegram.call('getUpdates', { offset, timeout: POLL_S })) as Update[];
        for (const update of updates) {
          offset = update.update_id + 1;
          await this.inTurn(() => this.finish(this.runs.run(this.runs.keyOf(update), { kind: 'update', update }, Date.now())));
        }
      } catch (error) {
        if (stop.aborted) break;
        this.io.err(`  · ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_RETRY_MS));
      }
    }
    clearTimeout(this.timer);
  }

  /** As it is now: a picture that was changed shows at once. */
  private readonly readFile: ReadFile = ({ key, fileName }) => {
    const used = this.loaded.files.find(({ file }) => file.key === key);
    const content = used && this.io.readBelow(this.loaded.folder, used.path);
    if (!content) throw new Error(`${used?.path ?? fileName} is gone`);
    return content;
  };

  private async tellCommands(): Promise<void> {
    const { passport } = buildArtefacts({ botId: 'local', spec: this.loaded.spec, compiled: this.loaded, limits: { memoryMiB: 0, cpuMs: 0 }, secretNames: [] });
    for (const { languageCode, commands } of passport.commands) {
      await this.telegram.call(commands.length === 0 ? 'deleteMyCommands' : 'setMyCommands', { commands, ...(languageCode !== undefined && { language_code: languageCode }) });
    }
  }

  /** Calls in the order the bot made them; one that is refused does not hold up the others. */
  private async finish({ effects, outcome }: Output): Promise<void> {
    if (outcome.kind === 'failed') this.io.err(`  · ${outcome.path ?? 'a step'} failed: ${outcome.code}`);
    for (const { method, params } of effects) await this.telegram.call(method, params, this.readFile).catch((error: unknown) => this.io.err(`  · ${(error as Error).message}`));
    this.sleep();
  }

  private sleep(): void {
    clearTimeout(this.timer);
    const next = this.runs.dueTimer(Number.POSITIVE_INFINITY);
    if (!next) return;
    this.timer = setTimeout(() => void this.inTurn(() => this.fireDue()), Math.min(Math.max(0, next.timer.atMs - Date.now()), SLEEP_MS_MAX));
  }

  private async fireDue(): Promise<void> {
    const due = this.runs.dueTimer(Date.now());
    if (due) await this.finish(this.runs.fire(due, Date.now()));
    else this.sleep();
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    const mine = this.turn.then(act);
    this.turn = mine.catch((error: unknown) => this.io.err(`✗ ${(error as Error).message}`));
    return mine;
  }
}
