import { Dialog } from '@botplane/ui';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { createGroup } from './api.ts';
import { privacyNote } from './members-dialog.tsx';
import type { ChatView, MemberStatus, Person } from './types.ts';

/** A new group with chosen people and the bot. */
export function GroupDialog({ view, person, people, onCreated, onClose }: { view: ChatView; person: Person; people: readonly Person[]; onCreated: (id: number) => void; onClose: () => void }): JSX.Element {
  const [title, setTitle] = useState('Test group');
  const [chosen, setChosen] = useState<number[]>(() => [person.id, ...people.map(({ id }) => id)]);
  const [status, setStatus] = useState<MemberStatus>('member');
  const [problem, setProblem] = useState('');
  const all = people.some(({ id }) => id === person.id) ? people : [person, ...people];
  const create = async (): Promise<void> => {
    try {
      onCreated((await createGroup(view.token, title.trim(), all.filter(({ id }) => chosen.includes(id)), status)).id);
    } catch (error) { setProblem((error as Error).message); }
  };
  return (
    <Dialog title="New group" onClose={onClose}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void create(); }}>
        <label>Title<input value={title} required maxLength={128} pattern=".*\S.*" onInput={(event) => setTitle(event.currentTarget.value)} /></label>
        <fieldset>
          <legend>Members</legend>
          {all.map(({ id, first_name }) => (
            <label key={id} class="check"><input type="checkbox" checked={chosen.includes(id)} onChange={() => setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])} />{first_name}</label>
          ))}
        </fieldset>
        <label>{view.name} is<select value={status} onChange={(event) => setStatus(event.currentTarget.value as MemberStatus)}><option value="member">a member</option><option value="administrator">an administrator</option></select></label>
        <p class="hint">{privacyNote(view.privacy, status)}</p>
        {problem !== '' && <p class="problem" role="alert">{problem}</p>}
        <div class="actions"><button type="button" class="secondary" onClick={onClose}>Cancel</button><button type="submit" class="primary">Create</button></div>
      </form>
    </Dialog>
  );
}
