import type { Person } from './types.ts';

export const LANGUAGES = [
  ['en', 'English'], ['de', 'Deutsch'], ['uk', 'Українська'], ['es', 'Español'], ['fr', 'Français'], ['it', 'Italiano'], ['pt', 'Português'],
  ['pl', 'Polski'], ['ru', 'Русский'], ['tr', 'Türkçe'], ['ar', 'العربية'], ['fa', 'فارسی'], ['hi', 'हिन्दी'], ['id', 'Bahasa Indonesia'], ['ja', '日本語'], ['ko', '한국어'], ['zh', '中文'],
] as const;

const KEY = 'playground.people';
const NAMES = ['Ann', 'Bob', 'Cara', 'Dan', 'Eva', 'Finn', 'Gia', 'Hugo'] as const;
const FIRST_ID = 1001;

const isPerson = (value: unknown): value is Person => typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'number' && 'first_name' in value && 'language_code' in value;

/** The people one can chat as, kept in this browser; at first Ann and Bob. */
export function loadPeople(): Person[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    const people = Array.isArray(kept) ? kept.filter(isPerson) : [];
    if (people.length > 0) return people;
  } catch { /* What cannot be read is as good as nothing. */ }
  return [newPerson([]), newPerson([{ id: FIRST_ID }])];
}

export function savePeople(people: readonly Person[]): void {
  localStorage.setItem(KEY, JSON.stringify(people));
}

/** Somebody with a free id and a name nobody has yet. */
export function newPerson(people: readonly { id: number; first_name?: string }[]): Person {
  const id = Math.max(FIRST_ID - 1, ...people.map((person) => person.id)) + 1;
  const name = NAMES[id - FIRST_ID] ?? `User ${id}`;
  return { id, first_name: name, language_code: 'en' };
}

/** The person with an id; who is not known here gets the name the bot knows, or a plain one. */
export function personOf(people: readonly Person[], id: number, known: readonly { id: number; first_name: string; language_code?: string }[] = []): Person {
  const found = people.find((person) => person.id === id);
  if (found) return found;
  const user = known.find((one) => one.id === id);
  return { id, first_name: user?.first_name ?? `User ${id}`, language_code: user?.language_code?.slice(0, 2) ?? 'en' };
}
