import type { InlineButton, KeyboardButton, ReplyMarkup } from './types.ts';

/** What a press on an inline button does. */
export type ButtonAct =
  | { kind: 'data'; data: string }
  | { kind: 'link'; url: string }
  | { kind: 'copy'; text: string }
  | { kind: 'pay' }
  | { kind: 'insert'; text: string }
  | { kind: 'none'; why: string };

/** Reads an inline button; exactly one of its fields says what it does. */
export function actOf(button: InlineButton, botUsername: string): ButtonAct {
  if (button.callback_data !== undefined) return { kind: 'data', data: button.callback_data };
  if (button.url !== undefined) return { kind: 'link', url: button.url };
  if (button.login_url) return { kind: 'link', url: button.login_url.url };
  if (button.copy_text) return { kind: 'copy', text: button.copy_text.text };
  if (button.pay) return { kind: 'pay' };
  const query = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (query !== undefined) return { kind: 'insert', text: `@${botUsername} ${query}` };
  return { kind: 'none', why: button.web_app ? 'The playground opens no web apps.' : 'The playground cannot press this kind of button.' };
}

/** What a button of a reply keyboard sends: a text, or something of the person's own. */
export function contentOf(button: KeyboardButton, person: { id: number; first_name: string }): Record<string, unknown> | { why: string } {
  if (button.request_contact) return { contact: { phone_number: `+4930${person.id}567`, first_name: person.first_name, user_id: person.id } };
  if (button.request_location) return { location: { latitude: 50.4501, longitude: 30.5234 } };
  if (button.request_poll || button.request_users !== undefined || button.request_chat !== undefined || button.web_app) return { why: 'The playground cannot answer this kind of button.' };
  return { text: button.text };
}

/** Rows without empty ones; how high they are: as the text wants, or as on a phone without resize_keyboard. */
export function rowsOf(markup: ReplyMarkup): { rows: KeyboardButton[][]; isTall: boolean } {
  return { rows: (markup.keyboard ?? []).filter((row) => row.length > 0), isTall: markup.resize_keyboard !== true };
}

/** An amount in its smallest unit as people read it: Stars have no fractions. */
export function priceOf({ currency, total_amount }: { currency: string; total_amount: number }): string {
  if (currency === 'XTR') return `★ ${total_amount}`;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(total_amount / 10 ** digits);
}
