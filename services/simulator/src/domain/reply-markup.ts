import { CALLBACK_DATA_BYTES_MAX, KEYBOARD_BUTTONS_MAX } from '../limits.ts';
import { badRequest } from './api-error.ts';
import type { InlineButton, KeyboardButton, ReplyMarkup } from './types.ts';

const INLINE_ACTIONS = [
  'callback_data', 'url', 'web_app', 'login_url', 'switch_inline_query', 'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat', 'copy_text', 'callback_game', 'pay',
] as const;

const utf8 = new TextEncoder();
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads the reply_markup of a call: an object, or JSON text as forms send it. Undefined when there is none.
 * Throws Telegram's 400 when it is not a keyboard.
 */
export function parseReplyMarkup(value: unknown): ReplyMarkup | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const markup = typeof value === 'string' ? parseJson(value) : value;
  if (!isObject(markup)) throw badRequest('object expected as reply markup');
  if ('inline_keyboard' in markup) return parseInline(markup);
  if ('keyboard' in markup) return parseKeyboard(markup);
  if (markup['remove_keyboard'] === true) return { ...markup, remove_keyboard: true };
  if (markup['force_reply'] === true) return { ...markup, force_reply: true };
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("can't parse reply keyboard markup JSON object");
  }
}

function rowsOf(value: unknown, field: string): unknown[][] {
  if (!Array.isArray(value)) throw badRequest(`field "${field}" must be of type Array`);
  const rows = value.map((row: unknown) => {
    if (!Array.isArray(row)) throw badRequest(`field "${field}" must be an Array of Arrays`);
    return row as unknown[];
  });
  if (rows.reduce((sum, row) => sum + row.length, 0) > KEYBOARD_BUTTONS_MAX) throw badRequest('reply markup is too long');
  return rows.filter((row) => row.length > 0);
}

function parseInline(markup: Record<string, unknown>): ReplyMarkup {
  const rows = rowsOf(markup['inline_keyboard'], 'inline_keyboard');
  return { inline_keyboard: rows.map((row) => row.map(parseInlineButton)) };
}

function parseInlineButton(value: unknown): InlineButton {
  if (!isObject(value)) throw badRequest("can't parse inline keyboard button: Object expected");
  const text = value['text'];
  if (typeof text !== 'string') throw badRequest('can\'t parse inline keyboard button: Can\'t find field "text"');
  if (text.trim() === '') throw badRequest('inline keyboard button text must be non-empty');
  const actions = INLINE_ACTIONS.filter((action) => value[action] !== undefined);
  if (actions.length === 0) {
    throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  }
  checkAction(value);
  return { ...value, text };
}

function checkAction(button: Record<string, unknown>): void {
  const data = button['callback_data'];
  if (data !== undefined) {
    const bytes = typeof data === 'string' ? utf8.encode(data).length : 0;
    if (bytes < 1 || bytes > CALLBACK_DATA_BYTES_MAX) throw badRequest('BUTTON_DATA_INVALID');
  }
  const url = button['url'];
  if (url === undefined) return;
  if (typeof url !== 'string') throw badRequest('can\'t parse inline keyboard button: Field "url" must be of type String');
  if (!/^(?:(?:https?|tg|ton):\/\/)?[^\s/]+\S*$/i.test(url) || !/[.:]/.test(url)) {
    throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
  }
}

function parseKeyboard(markup: Record<string, unknown>): ReplyMarkup {
  const rows = rowsOf(markup['keyboard'], 'keyboard');
  return { ...markup, keyboard: rows.map((row) => row.map(parseKeyboardButton)) };
}

function parseKeyboardButton(value: unknown): KeyboardButton {
  if (typeof value === 'string') return checkKeyboardText({ text: value });
  if (!isObject(value)) throw badRequest("can't parse keyboard button: KeyboardButton must be an Object");
  const text = value['text'];
  if (typeof text !== 'string') throw badRequest('can\'t parse keyboard button: Can\'t find field "text"');
  return checkKeyboardText({ ...value, text });
}

function checkKeyboardText(button: KeyboardButton): KeyboardButton {
  if (button.text.trim() === '') throw badRequest('keyboard button text must be non-empty');
  return button;
}

/** The inline buttons of a message, row by row. */
export const inlineButtons = (markup: ReplyMarkup | undefined): InlineButton[] => (markup?.inline_keyboard ?? []).flat();
