import type { Json } from '@botplane/domain';
import type { AskProgram } from '../program/program.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Session } from './session.ts';

const EMAIL = /^[^\s@<>(),;:"\\[\]]{1,64}@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u;
const EMAIL_CHARS_MAX = 254;
const PHONE_GROUPING = /[\s().-]/g;

/** What the message holds of the kind that `step` expects; undefined when it does not fit. */
export function readAnswer(step: AskProgram, session: Session): Json | undefined {
  const message = session.message ?? {};
  const text = typeof message['text'] === 'string' ? message['text'].trim() : undefined;
  switch (step.expect) {
    case 'contact':
    case 'phone':
      return step.expect === 'contact' ? ownContact(message) : phone(message, text);
    case 'location':
      return isObject(message['location']) ? message['location'] : undefined;
    case 'photo':
      return media(step, session.input.kind === 'photo' ? largest(message['photo']) : undefined);
    case 'document':
      return media(step, session.input.kind === 'document' ? message['document'] : undefined);
    case 'any':
      return step.asObject ? message : session.input.text;
    default:
      return text === undefined ? undefined : readText(step.expect, text);
  }
}

function readText(expect: 'text' | 'integer' | 'number' | 'email' | 'date', text: string): Json | undefined {
  switch (expect) {
    case 'text':
      return text === '' || text.startsWith('/') ? undefined : text;
    case 'integer':
      return /^[+-]?\d{1,15}$/.test(text) ? Number(text) + 0 : undefined;
    case 'number':
      return /^[+-]?\d{1,15}([.,]\d{1,15})?$/.test(text) && text.replace(/\D/g, '').length <= 15 ? Number(text.replace(',', '.')) + 0 : undefined;
    case 'email':
      return text.length <= EMAIL_CHARS_MAX && EMAIL.test(text) ? text : undefined;
    case 'date':
      return readDate(text);
  }
}

/** YYYY-MM-DD, DD.MM.YYYY or DD/MM/YYYY, of a day that exists. */
function readDate(text: string): string | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const local = /^(\d{2})([./])(\d{2})\2(\d{4})$/.exec(text);
  const date = iso ? text : local ? `${local[4]}-${local[3]}-${local[1]}` : undefined;
  const parsed = date === undefined ? Number.NaN : Date.parse(`${date}T00:00:00Z`);
  return date !== undefined && !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(date) ? date : undefined;
}

function ownContact(message: JsonObject): JsonObject | undefined {
  const { contact, from } = message;
  return isObject(contact) && isObject(from) && typeof from['id'] === 'number' && contact['user_id'] === from['id'] ? contact : undefined;
}

function phone(message: JsonObject, text: string | undefined): string | undefined {
  const shared = ownContact(message)?.['phone_number'];
  // Telegram leaves out the + of some.
  const written = typeof shared === 'string' ? `+${shared.replace(/^\+/, '')}` : text;
  const digits = written?.replace(PHONE_GROUPING, '');
  return digits !== undefined && /^\+\d{7,15}$/.test(digits) ? digits : undefined;
}

/** Of the sizes of a photo, the one with most pixels. */
function largest(sizes: Json | undefined): Json | undefined {
  const area = (size: Json): number => (isObject(size) ? Number(size['width'] ?? 0) * Number(size['height'] ?? 0) : -1);
  return Array.isArray(sizes) ? sizes.toSorted((a, b) => area(b) - area(a))[0] : undefined;
}

function media(step: AskProgram, object: Json | undefined): Json | undefined {
  if (!isObject(object) || typeof object['file_id'] !== 'string') return undefined;
  return step.asObject ? object : object['file_id'];
}
