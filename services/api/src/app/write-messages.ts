import type { ArrivedMessage } from '../domain/stored-message.ts';
import { isCurrent, readArrived } from '../domain/stored-message.ts';
import { monthOf } from '../domain/month.ts';
import type { Month } from '../domain/month.ts';
import { WRITE_TRIES_MAX } from '../limits.ts';
import type { MessageLetters, MessageMeter, MessageRetention, Messages } from './message-ports.ts';
import type { Clock } from './ports.ts';

/** One message of the stream. */
export interface Arrival {
  text: string;
  subject: string;
  /** Which time it comes: 1 at first. */
  tries: number;
}

/** Writes batches of messages. A database that is away costs nobody anything but time. */
export class WriteMessages {
  private readonly messages: Messages;
  private readonly retention: Pick<MessageRetention, 'ensureMonths'>;
  private readonly letters: MessageLetters;
  private readonly meter: MessageMeter;
  private readonly clock: Clock;
  private readonly knownMonths = new Set<string>();

  constructor(messages: Messages, retention: MessageRetention, letters: MessageLetters, meter: MessageMeter, clock: Clock) {
    this.messages = messages;
    this.retention = retention;
    this.letters = letters;
    this.meter = meter;
    this.clock = clock;
  }

  /** Says of each whether it is settled; the others are to come again. Throws when the database does not answer. */
  async execute(batch: readonly Arrival[]): Promise<boolean[]> {
    const read = batch.map((arrival) => ({ arrival, message: readArrived(arrival.text) }));
    const settled: boolean[] = [];
    const wanted: { at: number; arrival: Arrival; message: ArrivedMessage }[] = [];
    for (const [at, { arrival, message }] of read.entries()) {
      if (message === undefined) settled[at] = await this.bury(arrival, 'unreadable', 'it is no message');
      else if (!isCurrent(message, this.clock.nowMs())) settled[at] = this.passOver();
      else wanted.push({ at, arrival, message });
    }
    if (wanted.length === 0) return settled;
    try {
      await this.write(wanted.map(({ message }) => message));
      for (const { at } of wanted) settled[at] = true;
    } catch (error) {
      if (!(await this.messages.isAnswering())) throw error;
      this.knownMonths.clear(); // One may have been dropped.
      // The database is there and does not like something: one by one, so that a single bad message holds up nothing.
      for (const { at, arrival, message } of wanted) settled[at] = await this.writeOne(arrival, message);
    }
    return settled;
  }

  private async write(messages: readonly ArrivedMessage[]): Promise<void> {
    await this.ensureMonths(messages);
    const written = await this.messages.write(messages);
    this.meter.count('written', written);
    this.meter.count('known', messages.length - written);
  }

  private async writeOne(arrival: Arrival, message: ArrivedMessage): Promise<boolean> {
    try {
      await this.write([message]);
      return true;
    } catch (error) {
      if (arrival.tries < WRITE_TRIES_MAX || !(await this.messages.isAnswering())) return false;
      return this.bury(arrival, 'refused', error instanceof Error ? error.message : 'refused');
    }
  }

  private async ensureMonths(messages: readonly ArrivedMessage[]): Promise<void> {
    const months = new Map<string, Month>();
    for (const { row } of messages) months.set(monthOf(row.createdAt).table, monthOf(row.createdAt));
    const missing = [...months.values()].filter(({ table }) => !this.knownMonths.has(table));
    if (missing.length === 0) return;
    await this.retention.ensureMonths(missing);
    for (const { table } of missing) this.knownMonths.add(table);
  }

  private async bury(arrival: Arrival, outcome: 'unreadable' | 'refused', error: string): Promise<true> {
    await this.letters.put(arrival.text, arrival.subject, outcome, error);
    this.meter.count(outcome, 1);
    return true;
  }

  private passOver(): true {
    this.meter.count('expired', 1);
    return true;
  }
}
