import type { Message, Transcript, TranscriptEntry, User } from './types.ts';

export interface ExportOptions {
  name: string;
  /** `long`: waits of a timer and pauses of half a minute or more; `all`: every second, for bots that count them. */
  pauses: 'long' | 'all';
}

export interface Exported {
  /** `tests:` with one test. */
  yaml: string;
  /** What a reader must know to make it pass. */
  notes: string[];
}

/** Who the bot is while `botplane test` runs it. */
const TEST_BOT = { id: 1_000_001, username: 'test_bot' };
/** A person takes this long to answer without meaning anything by it. */
const PERSON_PAUSE_S_MIN = 30;
/** A bot that has no update in hand and is silent for so long waited for a timer. */
const BOT_PAUSE_S_MIN = 5;

/** Fields that Telegram or the test itself fills in. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['message_id', 'date', 'chat', 'from', 'edit_date', 'entities', 'caption_entities', 'media_group_id', 'reply_to_message', 'text']);
const SERVICE_FIELDS = ['new_chat_members', 'left_chat_member', 'new_chat_title', 'pinned_message', 'successful_payment'] as const;

/** A conversation as a test: what people did becomes steps, what the bot said expectations. */
export function exportTests(transcript: Transcript, options: ExportOptions): Exported {
  const writer = new Writer(transcript, options);
  transcript.entries.forEach((entry, i) => writer.take(entry, transcript.entries.slice(i + 1)));
  return writer.finish();
}

type Acting = Extract<TranscriptEntry, { kind: 'said' | 'pressed' }>;

const isAct = (entry: TranscriptEntry): entry is Acting => entry.kind === 'pressed' || (entry.kind === 'said' && SERVICE_FIELDS.every((field) => entry.message[field] === undefined));
const actorOf = (entry: Acting): User => (entry.kind === 'pressed' ? entry.from : entry.message.from);

class Writer {
  private readonly steps: string[] = [];
  private readonly notes = new Set<string>();
  private readonly first: Acting | undefined;
  private readonly user: User | undefined;
  private elapsedS = 0;
  /** When the entry before happened, ms. */
  private lastMs = 0;

  constructor(
    private readonly transcript: Transcript,
    private readonly options: ExportOptions,
  ) {
    this.first = transcript.entries.find(isAct);
    this.user = this.first && actorOf(this.first);
    if (transcript.truncated) this.notes.add('The beginning of this conversation is not kept any more: the test begins in the middle.');
  }

  take(entry: TranscriptEntry, later: readonly TranscriptEntry[]): void {
    this.write(entry, later);
    this.lastMs = entry.time;
  }

  private write(entry: TranscriptEntry, later: readonly TranscriptEntry[]): void {
    if (!this.first || entry.time < this.first.time) {
      this.notes.add('Messages before the first of a person are left out: nothing in a test would cause them.');
      return;
    }
    switch (entry.kind) {
      case 'said':
        if (!isAct(entry)) { this.notes.add('Service messages and payments are left out: the core of BotSpec takes no notice of them.'); return; }
        this.pause(entry.time, this.options.pauses === 'all' ? 1 : PERSON_PAUSE_S_MIN);
        this.steps.push(this.saying(entry.message));
        return;
      case 'pressed': {
        this.pause(entry.time, this.options.pauses === 'all' ? 1 : PERSON_PAUSE_S_MIN);
        this.steps.push(`tap: ${literal(entry.label)}${this.from(entry.from)}`);
        // The answer comes before or after what else the press caused; a test reads it first.
        const next = later.findIndex((one) => one.kind === 'pressed' || one.kind === 'said');
        const answer = (next < 0 ? later : later.slice(0, next)).find((one) => one.kind === 'answered');
        if (answer?.kind === 'answered' && answer.text !== '') this.steps.push(`answer: ${literal(answer.text)}`);
        return;
      }
      case 'sent':
        // A slow answer is none of a timer, and people may have taken their time before.
        if (!entry.isAnswer && (this.options.pauses === 'all' || entry.time - this.lastMs >= BOT_PAUSE_S_MIN * 1_000)) this.pause(entry.time, 1);
        this.steps.push(`expect: ${this.expecting(entry.message, entry.params)}`);
        return;
      case 'edited': this.notes.add('Edits of people are left out: the core of BotSpec takes no notice of them.'); return;
      case 'answered': return;
    }
  }

  finish(): Exported {
    const { user, first } = this;
    if (!user || !first) return { yaml: '', notes: ['Nobody has written to the bot yet, so there is nothing to test.'] };
    const { chat } = this.transcript;
    const lines = [
      'tests:', `  - name: ${JSON.stringify(this.options.name.trim() === '' ? 'from the playground' : this.options.name.trim())}`,
      `    user: ${userOf(user)}`,
      ...(chat.type === 'private' ? [] : [`    chat: { id: ${chat.id}, type: ${chat.type}, title: ${JSON.stringify(chat.title ?? '')} }`]),
      `    now: ${JSON.stringify(new Date(first.time).toISOString().replace(/\.\d+Z$/, 'Z'))}`,
      '    steps:', ...this.steps.map((step) => `      - ${step.startsWith('{') ? step : `{ ${step} }`}`),
    ];
    this.notes.add('A bot that calls other services needs their answers as `api:` in the test.');
    return { yaml: `${lines.join('\n')}\n`, notes: [...this.notes] };
  }

  /** Lets time pass in the test as it did here, rounded down, so that no timer fires too early. */
  private pause(time: number, leastS: number): void {
    const lagS = Math.floor((time - (this.first?.time ?? time)) / 1_000) - this.elapsedS;
    if (lagS < leastS) return;
    this.elapsedS += lagS;
    this.steps.push(`wait: ${durationOf(lagS)}`);
  }

  private saying(message: Message): string {
    const from = this.from(message.from);
    const answers = this.transcript.chat.type === 'private' ? undefined : message.reply_to_message;
    const content = Object.entries(message).filter(([field]) => !OWN_FIELDS.has(field));
    if (content.length === 0 && !answers && message.text !== undefined && this.mentionsNobody(message.text)) return `say: ${literal(message.text)}${from}`;
    const fields = {
      ...Object.fromEntries(content), ...(message.text !== undefined && { text: this.asTestBot(message.text) }),
      ...(message.entities && { entities: this.movedEntities(message) }), ...(message.caption_entities && { caption_entities: message.caption_entities }),
      ...(answers && { reply_to_message: this.replied(answers) }),
    };
    return `send: ${JSON.stringify(fields)}${from}`;
  }

  private mentionsNobody(text: string): boolean {
    return !text.toLowerCase().includes(`@${this.transcript.bot.username.toLowerCase()}`);
  }

  /** In a test the bot has another name. */
  private asTestBot(text: string): string {
    return text.replaceAll(new RegExp(`@${this.transcript.bot.username}\\b`, 'gi'), `@${TEST_BOT.username}`);
  }

  /** Entities behind a name that became shorter or longer. */
  private movedEntities({ text = '', entities = [] }: Message): unknown[] {
    const at = (offset: number): number => this.asTestBot(text.slice(0, offset)).length;
    return entities.map((entity) => ({ ...entity, offset: at(entity.offset), length: at(entity.offset + entity.length) - at(entity.offset) }));
  }

  private replied({ message_id, date, from, text }: Message): unknown {
    const { chat, bot } = this.transcript;
    const author = from.id === bot.id ? { is_bot: true, first_name: from.first_name, ...TEST_BOT } : from;
    return { message_id, date, chat, from: author, ...(text !== undefined && { text }) };
  }

  private expecting(message: Message, params: Record<string, unknown> | null): string {
    const given = [params?.['text'], params?.['caption']].find((one) => typeof one === 'string');
    if (params === null) this.notes.add('The calls of some messages are not kept any more: check texts with a parse_mode.');
    const text = typeof given === 'string' ? given : (message.text ?? message.caption ?? '');
    const rows = message.reply_markup?.inline_keyboard ?? message.reply_markup?.keyboard ?? [];
    const labels = rows.flat().map((button) => literal(typeof button === 'string' ? button : button.text));
    return `{ text: ${literal(text)}${labels.length === 0 ? '' : `, buttons: [${labels.join(', ')}]`} }`;
  }

  private from(user: User): string {
    return user.id === this.user?.id ? '' : `, from: ${userOf(user)}`;
  }
}

function userOf({ id, first_name, language_code }: User): string {
  return `{ id: ${id}, first_name: ${JSON.stringify(first_name)}${language_code === undefined ? '' : `, language_code: ${JSON.stringify(language_code)}`} }`;
}

/** A text as it is; JSON's quotes are YAML's, and `$t.` would be a key of localization. */
const literal = (text: string): string => JSON.stringify(text.startsWith('$t.') ? `\\${text}` : text);

const UNITS = [['d', 86_400], ['h', 3_600], ['m', 60], ['s', 1]] as const;

/** Seconds in the largest unit that divides them. */
export function durationOf(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
