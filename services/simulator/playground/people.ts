import type { Person } from './types.ts';

export const LANGUAGES = [['en', 'English'], ['de', 'Deutsch'], ['uk', 'Українська']] as const;

const NAMES = [{ id: 1001, first_name: 'Ann' }, { id: 1002, first_name: 'Bob' }] as const;

const keyOf = (id: number): string => `playground.language.${id}`;

/** The two people one can chat as, with the language each was given last. */
export function loadPeople(): [Person, Person] {
  const person = (name: (typeof NAMES)[number]): Person => ({ ...name, language_code: localStorage.getItem(keyOf(name.id)) ?? 'en' });
  return [person(NAMES[0]), person(NAMES[1])];
}

export function saveLanguage(person: Person): void {
  localStorage.setItem(keyOf(person.id), person.language_code);
}
