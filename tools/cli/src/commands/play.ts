import { VirtualBot } from '@botplane/botspec';
import type { BotSpec, Chat, Person, SentMessage } from '@botplane/botspec';
import { answersOf } from '../api-answers.ts';
import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import type { Options } from '../options.ts';
import { loadSpec } from '../load.ts';
import { playgroundCommand } from './playground.ts';

const HELP = 'Type a message, or #2 to press the second button. :wait 30m lets time pass, :photo, :document, :contact and :location share something, :quit ends.';
const UNIT_MS: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHARED: { readonly [command: string]: { [field: string]: unknown } } = {
  photo: { photo: [{ file_id: 'photo-1', file_unique_id: 'p1', width: 320, height: 240 }] },
  document: { document: { file_id: 'document-1', file_unique_id: 'd1', file_name: 'notes.txt' } },
  location: { location: { latitude: 50.45, longitude: 30.52 } },
};

/** `botplane run FILE`: a chat with the bot in the terminal, or in the browser. */
export async function playCommand(files: readonly string[], options: Options, io: Io): Promise<ExitCode> {
  if (options.playground) return playgroundCommand(files, options, io);
  const loaded = loadSpec(files[0], 'run', io);
  if (!loaded) return EXIT.found;
  const talk = new Talk(loaded.spec, loaded.program, options.language, io);
  io.out(`${loaded.spec.meta.name}: ${HELP}`);
  for await (const line of io.lines()) {
    if (line.trim() === ':quit') break;
    if (line.trim() !== '') talk.line(line);
  }
  return EXIT.good;
}

class Talk {
  readonly #bot: VirtualBot;
  readonly #io: Io;
  readonly #person: Person;
  readonly #chat: Chat;
  #shown = 0;

  constructor(spec: BotSpec, program: ConstructorParameters<typeof VirtualBot>[0], language: string | undefined, io: Io) {
    this.#io = io;
    this.#person = { id: 1, first_name: 'Ann', language_code: language ?? spec.meta.defaultLocale };
    this.#chat = { id: 1, type: 'private', first_name: 'Ann' };
    this.#bot = new VirtualBot(program, { nowMs: Date.now(), api: answersOf(() => spec, io) });
  }

  line(line: string): void {
    const [, command, argument = ''] = /^:(\w+)\s*(.*)$/.exec(line) ?? [];
    const [, number] = /^#(\d+)$/.exec(line.trim()) ?? [];
    if (number !== undefined) this.#press(Number(number));
    else if (command === undefined) this.#bot.message(this.#person, this.#chat, { text: line });
    else this.#command(command, argument);
    this.#show();
  }

  #command(command: string, argument: string): void {
    const shared = SHARED[command];
    if (command === 'wait') this.#wait(argument);
    else if (command === 'contact') this.#bot.message(this.#person, this.#chat, { contact: { phone_number: '+380441234567', first_name: 'Ann', user_id: this.#person.id } });
    else if (shared) this.#bot.message(this.#person, this.#chat, shared as never);
    else this.#io.out(HELP);
  }

  #wait(duration: string): void {
    const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(duration.trim()) ?? [];
    if (count === undefined) return this.#io.out('  · :wait takes a duration such as 30s, 10m, 2h or 1d');
    this.#bot.advance(Number(count) * (UNIT_MS[unit] ?? 0));
  }

  #press(number: number): void {
    const label = this.#bot.labels(this.#chat)[number - 1];
    const button = label === undefined ? undefined : this.#bot.findButton(this.#chat, (candidate) => candidate === label);
    if (!button) return this.#io.out(`  · there is no button #${number}`);
    const problem = this.#bot.press(this.#person, this.#chat, button);
    if (problem !== undefined) this.#io.out(`  · ${problem}`);
    else if (this.#bot.answer && this.#bot.answer.text !== '') this.#io.out(`  ${this.#bot.answer.alert ? '⚠' : '⌁'} ${this.#bot.answer.text}`);
  }

  /** What the bot has sent since, and why nothing came. */
  #show(): void {
    const news = this.#bot.sent.slice(this.#shown);
    this.#shown = this.#bot.sent.length;
    for (const message of news) this.#io.out(this.#lineOf(message));
    const { outcome } = this.#bot;
    if (outcome.kind === 'failed') this.#io.err(`  · ${outcome.path ?? 'a step'} failed: ${outcome.code}`);
    else if (outcome.kind === 'ignored') this.#io.err(`  · ignored: ${outcome.code}`);
  }

  #lineOf({ method, text, buttons }: SentMessage): string {
    const labels = this.#bot.labels(this.#chat);
    const shown = buttons.map(({ label }) => `[#${labels.indexOf(label) + 1} ${label}]`).join(' ');
    return [`${method === 'sendMessage' ? '<' : `< (${method})`} ${text}`, ...(shown === '' ? [] : [`  ${shown}`])].join('\n');
  }
}
