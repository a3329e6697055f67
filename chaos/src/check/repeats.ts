import { IN_FLIGHT_MS_AFTER, IN_FLIGHT_MS_BEFORE } from '../limits.ts';

/** A moment at which calls may have been with Telegram that no record knows of. It excuses one repeated message for each chat of the sender. */
export interface Crash {
  atMs: number;
  /** Calls that the sender can have had under way then, one per chat; so many repeats are excused. */
  inFlightMax: number;
  /** Whether it was this sender that spoke to the chat. */
  owns: (chat: number) => boolean;
}

/** A message that arrived again. */
export interface Repeat {
  chat: number;
  text: string;
  /** When the copy before this one arrived, which was with Telegram when its sender died. */
  beforeMs: number;
  againMs: number;
}

/** Repeats that a crash explains, and the others. */
export interface Explained {
  ambiguous: number;
  unexplained: Repeat[];
}

/** Looks for the crash behind each repeat: the first that can be, since a later one may have to explain the copy that came of it. */
export function explainRepeats(repeats: readonly Repeat[], anyOrder: readonly Crash[]): Explained {
  const crashes = anyOrder.toSorted((a, b) => a.atMs - b.atMs);
  const chatsOf = crashes.map(() => new Set<number>());
  const unexplained: Repeat[] = [];
  for (const repeat of repeats) {
    const at = crashes.findIndex((crash, index) => wasInFlight(repeat, crash) && (chatsOf[index]?.size ?? 0) < crash.inFlightMax && chatsOf[index]?.has(repeat.chat) === false);
    if (at < 0) unexplained.push(repeat);
    else chatsOf[at]?.add(repeat.chat);
  }
  return { ambiguous: repeats.length - unexplained.length, unexplained };
}

/** How far the next crash was from a copy that none explains. */
export function describeRepeat({ chat, text, beforeMs, againMs }: Repeat, crashes: readonly Crash[]): string {
  const next = crashes.filter(({ owns }) => owns(chat)).map(({ atMs }) => atMs - beforeMs).filter((ms) => ms >= 0).toSorted((a, b) => a - b)[0];
  const why = next === undefined ? 'no sender of this chat died after that' : `its next sender died ${next} ms after the earlier copy`;
  return `chat ${chat}: '${text}' was sent twice, ${againMs - beforeMs} ms apart, and ${why}`;
}

const wasInFlight = ({ chat, beforeMs }: Repeat, { atMs, owns }: Crash): boolean => owns(chat) && beforeMs >= atMs - IN_FLIGHT_MS_BEFORE && beforeMs <= atMs + IN_FLIGHT_MS_AFTER;
