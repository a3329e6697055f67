import { appendFileSync, closeSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@botplane/kit/plain';
import type { Accounts } from '../../app/accounts.ts';
import { BotAccount } from '../../app/bot-account.ts';
import type { Journal, JournalEntry } from '../../app/ports.ts';
import { IDS_SKIPPED_AFTER_KILL, JOURNAL_BYTES_MAX, JOURNAL_FLUSH_MS, SNAPSHOT_BATCH_CHARS } from '../../limits.ts';
import { DiskFiles } from './disk-files.ts';

/** The last line of a journal that was closed in order. */
const END = '{"t":"end"}';

/** Held by name, not open: there may be more bots than a process may have files open. */
interface JournalFile {
  path: string;
  bytes: number;
  /** Beyond this size the file is written anew. */
  bytesMax: number;
  lines: string[];
}

/**
 * One file of JSON lines per bot. Changes are appended within JOURNAL_FLUSH_MS; a file that grew is replaced by a
 * snapshot in one rename. It protects against the end of the process, not of the machine, so nothing is synced.
 */
export class FileJournal implements Journal {
  readonly files: DiskFiles;
  private readonly journals = new Map<number, JournalFile>();
  private readonly dirty = new Set<JournalFile>();
  private timer: NodeJS.Timeout | null = null;
  private accountOf: (botId: number) => BotAccount | undefined = () => undefined;

  constructor(
    private readonly folder: string,
    private readonly log: Log,
  ) {
    this.files = new DiskFiles(join(folder, 'files'));
  }

  /** Rebuilds the bots of the folder and begins to write. */
  async load(accounts: Accounts, nowMs: number): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    this.accountOf = (botId) => accounts.all().find((account) => account.bot.id === botId);
    for (const name of readdirSync(this.folder).filter((file) => file.endsWith('.jsonl')).sort()) {
      const account = this.rebuild(join(this.folder, name), nowMs);
      if (!account) continue;
      this.replace(account);
      accounts.adopt(account);
    }
  }

  record(botId: number, entry: JournalEntry): void {
    let file = this.journals.get(botId);
    if (!file) this.journals.set(botId, (file = makeFile(join(this.folder, `${botId}.jsonl`), 0)));
    file.lines.push(JSON.stringify(entry));
    this.dirty.add(file);
    this.timer ??= setTimeout(() => this.flush(), JOURNAL_FLUSH_MS);
  }

  /** Writes what is left, and that this was an orderly end. */
  close(): Promise<void> {
    for (const [botId, file] of this.journals) {
      const account = this.accountOf(botId);
      if (account) file.lines.push(JSON.stringify({ t: 'counters', counters: account.counters() } satisfies JournalEntry));
      file.lines.push(END);
      this.dirty.add(file);
    }
    this.flush();
    this.journals.clear();
    return Promise.resolve();
  }

  private flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    for (const file of this.dirty) {
      const text = `${file.lines.join('\n')}\n`;
      file.lines = [];
      appendFileSync(file.path, text);
      file.bytes += text.length;
    }
    for (const [botId, file] of this.journals) {
      const account = file.bytes > file.bytesMax ? this.accountOf(botId) : undefined;
      if (account) this.replace(account);
    }
    this.dirty.clear();
  }

  /** Puts a snapshot in the place of the journal. */
  private replace(account: BotAccount): void {
    const path = join(this.folder, `${account.bot.id}.jsonl`);
    const fd = openSync(`${path}.new`, 'w');
    let bytes = 0;
    let batch = '';
    for (const entry of account.snapshot()) {
      batch += `${JSON.stringify(entry)}\n`;
      if (batch.length < SNAPSHOT_BATCH_CHARS) continue;
      bytes += writeSync(fd, batch);
      batch = '';
    }
    bytes += writeSync(fd, batch);
    closeSync(fd);
    renameSync(`${path}.new`, path);
    this.journals.set(account.bot.id, makeFile(path, bytes));
  }

  private rebuild(path: string, nowMs: number): BotAccount | null {
    const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line !== '');
    const orderly = lines.at(-1) === END;
    const entries = lines.map((line) => this.parse(line, path)).filter((entry) => entry !== null);
    const identity = entries.find((entry) => entry.t === 'bot');
    if (!identity) {
      this.log.warn({ path }, 'state file without a bot removed');
      rmSync(path);
      return null;
    }
    const account = new BotAccount(identity.bot, this, nowMs);
    for (const entry of entries) account.apply(entry);
    if (!orderly) account.apply({ t: 'counters', counters: skipped(account) });
    return account;
  }

  /** A line that was cut off by a kill is left out. */
  private parse(line: string, path: string): JournalEntry | null {
    try {
      return JSON.parse(line) as JournalEntry;
    } catch {
      this.log.warn({ path }, 'unreadable line of a state file left out');
      return null;
    }
  }
}

const makeFile = (path: string, bytes: number): JournalFile =>
  ({ path, bytes, bytesMax: Math.max(JOURNAL_BYTES_MAX, bytes * 2), lines: [] });

/** Numbers given out in the moments before a kill may not be on disk: nobody shall see them twice. */
function skipped(account: BotAccount): ReturnType<BotAccount['counters']> {
  const { updateId, messageId, eventSeq, callSeq } = account.counters();
  const skip = IDS_SKIPPED_AFTER_KILL;
  return { updateId: updateId + skip, messageId: messageId + skip, eventSeq: eventSeq + skip, callSeq: callSeq + skip };
}
