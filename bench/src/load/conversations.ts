import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** Between two looks at what is due, and at the simulator's record. */
const TICK_MS = 5;
const RECORD_POLL_MS = 100;
/** Calls in one page of the record. */
const RECORD_PAGE = 1_000;
/** People that come back; the other half of the updates is of people who begin. */
const REGULARS = 200;
const FIRST_REGULAR = 2_000_000;
const FIRST_NEWCOMER = 3_000_000;
/** After the last update every answer must be there within this. */
const DRAIN_MS_MAX = 60_000;

/** `<mark> <count> <number of the update in its chat>`. */
const ANSWER = /^(\w+) (\d+) (\d+)$/;

/** Answers with the mark of its revision, how many updates it has counted in this chat, and what was said. */
export const countingSpec = (mark: string, more: readonly object[] = []): Record<string, unknown> => ({
  meta: { name: 'Counter', locales: ['en'], defaultLocale: 'en', stateKey: 'chat' },
  state: { seen: { type: 'integer', default: 0 }, half: { type: 'integer', default: 0 } },
  fallback: { flow: 'count' },
  flows: { count: { steps: [{ save: { seen: '= state.seen + 1' } }, { reply: { text: `${mark} {{state.seen}} {{context.message.text}}` } }, ...more] } },
  errorText: 'Sorry.',
});

interface Chat {
  sent: number;
  /** How often each number was answered, and each count given out. */
  answered: Map<number, number>;
  counted: Map<number, number>;
}

export interface ConversationsVerdict {
  sent: number;
  seconds: number;
  /** Updates without an answer, and counts that the state forgot. */
  lost: number;
  /** Updates that were answered or counted more than once. */
  doubled: number;
}

interface Call {
  seq: number;
  time: number;
  method: string;
  chat_id: number;
  params: { text?: unknown };
  response: { ok?: boolean } | null;
}

/**
 * People at the simulator who talk to one counting bot at a steady rate, whatever the answers take: half of the updates are of somebody's
 * first. Judges by the simulator's record alone. Times are of the wall clock, as the record's are.
 */
export class Conversations {
  private readonly agent = new Agent({ connections: 64 });
  private readonly chats = new Map<number, Chat>();
  /** When a mark's answers to newcomers came. */
  private readonly firstAnswers = new Map<string, number[]>();
  private readonly underway = new Set<Promise<unknown>>();
  private isSending = true;
  private isReading = true;
  private failure: Error | undefined;
  private sent = 0;
  private readonly startedMs = Date.now();
  private readonly loops: Promise<unknown>;

  constructor(private readonly simulatorUrl: string, private readonly token: string, perSecond: number) {
    const note = (error: Error): void => void (this.failure ??= error);
    this.loops = Promise.all([this.talk(perSecond).catch(note), this.follow().catch(note)]);
  }

  /** Newcomers whom a revision answered after a moment. */
  newcomersOf(mark: string, sinceMs: number): number {
    return (this.firstAnswers.get(mark) ?? []).filter((time) => time >= sinceMs).length;
  }

  /** How long after a moment a revision still answered newcomers, ms; 0: not at all. */
  lingeredMs(mark: string, sinceMs: number): number {
    return Math.max(0, ...(this.firstAnswers.get(mark) ?? []).map((time) => time - sinceMs));
  }

  /** Nobody writes any more; judges once everything is answered, or cannot be expected any more. */
  async finish(): Promise<ConversationsVerdict> {
    this.isSending = false;
    const seconds = (Date.now() - this.startedMs) / 1_000;
    await Promise.all(this.underway);
    const untilMs = Date.now() + DRAIN_MS_MAX;
    while (this.failure === undefined && this.lost() > 0 && Date.now() < untilMs) await sleep(RECORD_POLL_MS);
    this.isReading = false;
    await this.loops;
    await this.agent.destroy();
    if (this.failure) throw this.failure;
    const twice = (counts: Map<number, number>): number => [...counts.values()].reduce((sum, times) => sum + times - 1, 0);
    const doubled = [...this.chats.values()].reduce((sum, { answered, counted }) => sum + Math.max(twice(answered), twice(counted), Math.max(0, ...counted.keys()) - counted.size), 0);
    return { sent: this.sent, seconds, lost: this.lost(), doubled };
  }

  private lost(): number {
    return [...this.chats.values()].reduce((sum, { sent, answered, counted }) => sum + sent - Math.min(answered.size, counted.size), 0);
  }

  private async talk(perSecond: number): Promise<void> {
    let newcomers = 0;
    while (this.isSending && !this.failure) {
      const due = ((Date.now() - this.startedMs) / 1_000) * perSecond;
      for (; this.sent < due; this.sent++) {
        const chat = this.sent % 2 === 0 ? FIRST_NEWCOMER + newcomers++ : FIRST_REGULAR + (((this.sent - 1) / 2) % REGULARS);
        const sending = this.say(chat).catch((error: Error) => (this.failure ??= error)).finally(() => this.underway.delete(sending));
        this.underway.add(sending);
      }
      await sleep(TICK_MS);
    }
  }

  private async say(id: number): Promise<void> {
    const chat = this.chats.get(id) ?? { sent: 0, answered: new Map(), counted: new Map() };
    this.chats.set(id, chat);
    const text = String(++chat.sent);
    const body = JSON.stringify({ token: this.token, from: { id, is_bot: false, first_name: 'P' }, text });
    const response = await request(`${this.simulatorUrl}/_sim/messages`, { method: 'POST', dispatcher: this.agent, headers: { 'content-type': 'application/json' }, body });
    const answer = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`the simulator answered ${response.statusCode}: ${answer.slice(0, 200)}`);
  }

  private async follow(): Promise<void> {
    let after = 0;
    for (;;) {
      const isLast = !this.isReading;
      const response = await request(`${this.simulatorUrl}/_sim/calls?token=${encodeURIComponent(this.token)}&after=${after}`, { dispatcher: this.agent });
      const { calls } = (await response.body.json()) as { calls: Call[] };
      for (const call of calls) {
        if (after > 0 && call.seq !== after + 1) throw new Error(`the simulator's record has a gap before ${call.seq}`);
        after = call.seq;
        if (call.method.toLowerCase() === 'sendmessage' && call.response?.ok === true) this.take(call);
      }
      if (calls.length === RECORD_PAGE) continue;
      if (isLast) return;
      await sleep(RECORD_POLL_MS);
    }
  }

  private take({ chat_id: id, params, time }: Call): void {
    const [, mark = '', count, number] = ANSWER.exec(String(params.text)) ?? [];
    const chat = this.chats.get(id);
    if (mark === '' || chat === undefined) return; // The word of regret after an answer.
    add(chat.counted, Number(count));
    add(chat.answered, Number(number));
    if (id < FIRST_NEWCOMER) return;
    const times = this.firstAnswers.get(mark) ?? [];
    times.push(time);
    this.firstAnswers.set(mark, times);
  }
}

const add = (counts: Map<number, number>, key: number): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
