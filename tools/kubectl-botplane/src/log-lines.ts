import { chatMark } from '@botplane/domain';
import type { KubeEvent } from '@botplane/k8s';

/** One thing that was said about a bot. */
export interface LogLine {
  timeMs: number;
  /** `executor-7c…`, `operator`, `event`. */
  source: string;
  level: string;
  text: string;
}

/** Whose lines are wanted. */
export interface LogFilter {
  botId: string;
  /** Id of the only chat whose lines are wanted. */
  chat: string | undefined;
  sinceMs: number;
}

const LEVELS: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const KNOWN = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'name', 'service', 'botId', 'bot', 'err']);

/** A line of one of our services; undefined when it is not about the bot. Pure. */
export function readLine(line: string, source: string, { botId, chat, sinceMs }: LogFilter): LogLine | undefined {
  if (!line.includes(botId)) return undefined;
  const entry = parse(line);
  if (entry === undefined || (entry['botId'] !== botId && entry['bot'] !== botId)) return undefined;
  if (chat !== undefined && !isAbout(entry, botId, chat)) return undefined;
  const timeMs = typeof entry['time'] === 'number' ? entry['time'] : Date.parse(String(entry['time']));
  if (timeMs < sinceMs) return undefined;
  const level = typeof entry['level'] === 'number' ? (LEVELS[entry['level']] ?? String(entry['level'])) : words(entry['level']);
  return { timeMs, source, level, text: textOf(entry) };
}

/** What Kubernetes knows about a Bot or one of its revisions. */
export function readEvent({ type, reason, note, metadata, eventTime, regarding, series, deprecatedLastTimestamp, deprecatedCount }: KubeEvent): LogLine {
  const count = series?.count ?? deprecatedCount ?? 1;
  const time = series?.lastObservedTime ?? eventTime ?? deprecatedLastTimestamp ?? metadata.creationTimestamp;
  const text = `${regarding?.kind}/${regarding?.name} ${reason}: ${note ?? ''}${count > 1 ? ` (${count} times)` : ''}`;
  return { timeMs: Date.parse(time ?? ''), source: 'event', level: type === 'Warning' ? 'warn' : 'info', text };
}

export const lineOf = ({ timeMs, source, level, text }: LogLine): string => `${new Date(timeMs).toISOString()} ${level.padEnd(5)} ${source}  ${text}`;

/** Texts and numbers as they are; anything else says nothing here. */
const words = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Lines bear the mark of an order key: of the chat, or, of bots whose state is kept by user, of the person, who has the same id as their private chat. */
const isAbout = (entry: Record<string, unknown>, botId: string, chat: string): boolean => ['c', 'u'].some((kind) => entry['chat'] === chatMark(botId, `${kind}${chat}`));

function textOf(entry: Record<string, unknown>): string {
  const fields = Object.entries(entry).filter(([name]) => !KNOWN.has(name)).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const error = entry['err'] as { message?: string } | undefined;
  return [words(entry['msg']), ...fields, ...(error?.message === undefined ? [] : [`err=${error.message}`])].join(' ');
}
