import { Dialog } from '@botplane/ui';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { LANGUAGES } from './people.ts';
import type { Person } from './types.ts';

/** Name and language of a person; null removes them from this browser. What bots know of them stays. */
export function PersonDialog({ person, isLast, onSave, onClose }: { person: Person; isLast: boolean; onSave: (person: Person | null) => void; onClose: () => void }): JSX.Element {
  const [name, setName] = useState(person.first_name);
  const [language, setLanguage] = useState(person.language_code);
  return (
    <Dialog title={person.first_name} onClose={onClose}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); onSave({ ...person, first_name: name.trim(), language_code: language }); }}>
        <label>First name<input value={name} required maxLength={64} pattern=".*\S.*" onInput={(event) => setName(event.currentTarget.value)} /></label>
        <label>Language (language_code)<input value={language} required pattern="[a-z]{2}" maxLength={2} list="languages" onInput={(event) => setLanguage(event.currentTarget.value)} /></label>
        <datalist id="languages">{LANGUAGES.map(([code, label]) => <option key={code} value={code}>{label}</option>)}</datalist>
        <p class="hint">User id {person.id}. Bots hear of a change with the next message.</p>
        <div class="actions">
          <button type="button" class="secondary danger" disabled={isLast} onClick={() => onSave(null)}>Remove</button>
          <span class="spacer" />
          <button type="submit" class="primary">Save</button>
        </div>
      </form>
    </Dialog>
  );
}
