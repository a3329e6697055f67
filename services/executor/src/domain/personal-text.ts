import type { GuestMessages, PiiPolicy } from '@botplane/contracts';

/** What stands for a personal value under `mask`. */
const MASK = '***';
/** Shorter values count only where they stand alone: a 7 is personal, the 7 in 1970 is not. */
const INSIDE_WORDS_CHARS_MIN = 4;
const WORD = /[\p{L}\p{N}]/u;

/** A text without its personal parts. */
export interface CleanText {
  /** Null: nothing is left to keep. */
  content: string | null;
  /** Something was taken out. */
  pii: boolean;
}

/** How personal values become something that may be kept; the hash is keyed, and the same for the same value of one bot. */
export interface PersonalRules {
  policy: PiiPolicy;
  /** Null: every text is personal. */
  values: readonly string[] | null;
  hash: (value: string) => string;
}

export const personalRules = (messages: GuestMessages, hash: (value: string) => string): PersonalRules => ({ policy: messages.piiPolicy, values: messages.personal, hash });

/** A text that is personal as a whole. */
export function hideText(text: string, rules: PersonalRules): CleanText {
  return { content: rules.policy === 'drop' ? null : substitute(text, rules), pii: true };
}

/** Takes every personal value out of a text, in any case of letters and in the escaped forms in which texts carry it. */
export function cleanText(text: string, rules: PersonalRules): CleanText {
  if (rules.values === null) return hideText(text, rules);
  const lower = text.toLowerCase();
  const found = rules.values.flatMap((value) => formsOf(value).flatMap((form) => findAll(lower, form).map((at) => ({ at, end: at + form.length, value }))));
  if (found.length === 0) return { content: text, pii: false };
  // Some letters are longer in lower case, and then places in the one are not places in the other.
  if (lower.length !== text.length) return hideText(text, rules);
  return { content: cut(text, found, rules), pii: true };
}

interface Place {
  at: number;
  end: number;
  value: string;
}

function cut(text: string, found: Place[], rules: PersonalRules): string {
  const places = found.sort((a, b) => a.at - b.at || b.end - a.end);
  let clean = '';
  let done = 0;
  for (const { at, end, value } of places) {
    if (at >= done) clean += text.slice(done, at) + substitute(value, rules);
    done = Math.max(done, end);
  }
  return clean + text.slice(done);
}

function substitute(value: string, { policy, hash }: PersonalRules): string {
  if (policy === 'drop') return '';
  return policy === 'hash' ? `#${hash(value.trim().toLowerCase())}` : MASK;
}

/** As a person reads it, and as HTML, MarkdownV2 and JSON write it; the longest first. */
function formsOf(value: string): string[] {
  const plain = value.toLowerCase();
  const html = plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const markdown = plain.replace(/[_*[\]()~`>#+\-=|{}.!\\]/g, '\\$&');
  return [...new Set([html, markdown, JSON.stringify(plain).slice(1, -1), plain])];
}

function findAll(text: string, form: string): number[] {
  const places: number[] = [];
  if (form === '') return places;
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + form.length)) {
    if (form.length >= INSIDE_WORDS_CHARS_MIN || !(WORD.test(text[at - 1] ?? '') || WORD.test(text[at + form.length] ?? ''))) places.push(at);
  }
  return places;
}
