/**
 * bot.js begins with a line that says how much of what follows it is engine: the same text in every bot of one compiler, without anything of the
 * bot, so that a runtime pod may evaluate it once for all of them. Only our compiler writes the line; text of people never stands at the start
 * of a bot.js.
 */
const MARK = '//# botplane-engine ';
const MARK_LINE = new RegExp(`^${MARK}(\\d{1,8})$`);
const MARK_LINE_CHARS_MAX = 40;

/** The engine with its mark. */
export const markEngine = (engine: string): string => `${engineMark(Buffer.byteLength(engine))}${engine}`;

/** The line before an engine of so many bytes. */
export const engineMark = (bytes: number): string => `${MARK}${bytes}\n`;

/** Where the engine stands in a bot.js: from its first to behind its last byte, mark left out. Undefined: bot.js names no engine. */
export function engineRange(botJs: Uint8Array): { start: number; end: number } | undefined {
  const head = Buffer.from(botJs.buffer, botJs.byteOffset, Math.min(botJs.byteLength, MARK_LINE_CHARS_MAX)).toString('latin1');
  const lineEnd = head.indexOf('\n');
  const bytes = Number(MARK_LINE.exec(head.slice(0, Math.max(0, lineEnd)))?.[1]);
  const start = lineEnd + 1;
  return bytes > 0 && start + bytes <= botJs.byteLength ? { start, end: start + bytes } : undefined;
}

/** What a pod says of code that has not the hash that it should have: whatever else is wrong with code stays wrong when it is sent again. */
export const OTHER_CODE = 'sha256 does not match the code';
