import type { JSX } from 'preact';
import { Avatar } from './icons.tsx';
import { LANGUAGES } from './people.ts';
import type { Person } from './types.ts';

interface SwitchProps {
  people: [Person, Person];
  who: 0 | 1;
  onChoose: (who: 0 | 1) => void;
  onSpeak: (language: string) => void;
}

/** Who is writing, and in which language their Telegram is. */
export function PersonSwitch({ people, who, onChoose, onSpeak }: SwitchProps): JSX.Element {
  return (
    <div class="person">
      <div class="segments" role="radiogroup" aria-label="Send as">
        {people.map((person, i) => (
          <label key={person.id} class={who === i ? 'on' : ''}>
            <input type="radio" class="hidden" name="person" checked={who === i} onChange={() => onChoose(i === 0 ? 0 : 1)} aria-label={`User ${i + 1}, ${person.first_name}`} />
            <Avatar name={person.first_name} small /><span class="name">{person.first_name}</span>
          </label>
        ))}
      </div>
      <select aria-label={`Language of ${people[who].first_name}`} value={people[who].language_code} onChange={(event) => onSpeak(event.currentTarget.value)}>
        {LANGUAGES.map(([code, name]) => <option key={code} value={code} aria-label={name}>{code.toUpperCase()}</option>)}
      </select>
    </div>
  );
}
