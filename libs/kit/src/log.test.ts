import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

function setup() {
  const lines: string[] = [];
  const log = createLog({ name: 'test', destination: { write: (line: string) => void lines.push(line) } });
  return { log, line: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>, text: () => lines.join('') };
}
const TOKEN = '123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1';

describe('log', () => {
  it('takes bot tokens out of messages, URLs, nested fields and errors with causes', () => {
    const { log, text } = setup();
    log.info({ url: `https://api.telegram.org/bot${TOKEN}/getMe`, deep: { list: [TOKEN] } }, 'called');
    log.error({ err: new Error(`failed at http://127.0.0.1:1/bot42:short/sendMessage`, { cause: new Error(TOKEN) }) }, 'failed');
    expect(text()).not.toContain(TOKEN);
    expect(text()).not.toContain('42:short');
    expect(text()).toContain('/bot[redacted]/getMe');
  });

  it('takes out values of secret names at any depth, also with quotes inside', () => {
    const { log, text, line } = setup();
    log.info({ headers: { 'X-Telegram-Bot-Api-Secret-Token': 'hunter2"x', authorization: 'Bearer abcdefgh12345' }, secret: 'hunter2', other: 1 }, 'seen');
    expect(text()).not.toContain('hunter2');
    expect(text()).not.toContain('abcdefgh12345');
    expect(line()['other']).toBe(1);
  });

  it('writes level as a word and the error with type, message and stack', () => {
    const { log, line } = setup();
    log.warn({ err: new TypeError('no') }, 'odd');
    expect(line()).toMatchObject({ level: 'warn', name: 'test', msg: 'odd', err: { type: 'TypeError', message: 'no' } });
  });
});
