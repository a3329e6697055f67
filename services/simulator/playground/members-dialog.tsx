import { Avatar, Dialog } from '@botplane/ui';
import type { JSX } from 'preact';
import { setPrivacy } from './api.ts';
import type { ChatView, MemberStatus, Person } from './types.ts';
import type { PaneState } from './use-pane-acts.ts';

const STATUSES: Readonly<Record<MemberStatus, string>> = { creator: 'owner', administrator: 'administrator', member: 'member', restricted: 'restricted', left: 'not in the group', kicked: 'banned' };
const CHOICES: MemberStatus[] = ['creator', 'administrator', 'member', 'restricted', 'left', 'kicked'];

/** What the bot sees of a group. */
export function privacyNote(privacy: boolean, status: MemberStatus): string {
  if (status === 'administrator' || status === 'creator') return 'As an administrator the bot sees every message.';
  return privacy ? 'Privacy mode is on: the bot sees commands, replies to it, mentions of it and service messages.' : 'Privacy mode is off: the bot sees every message.';
}

/** Who is in a group and with what rights. */
export function MembersDialog({ view, people, state, refresh, onOpen, onClose }: { view: ChatView; people: readonly Person[]; state: PaneState; refresh: () => void; onOpen: (userId: number) => void; onClose: () => void }): JSX.Element {
  const outside = people.filter(({ id }) => !view.members.some((member) => member.user.id === id)).map((user) => ({ user, status: 'left' as MemberStatus }));
  const change = (what: Promise<unknown>): void => void what.then(refresh);
  return (
    <Dialog title={view.chat.title ?? 'Group'} onClose={onClose}>
      <ul class="members">
        <li>
          <Avatar name={view.name} /><span class="who"><b>{view.name}</b><small>bot</small></span>
          <Status name={view.name} status={view.bot_status} onChange={(status) => change(state.act((acts) => acts.setBotStatus(status)))} />
        </li>
        {[...view.members, ...outside].map(({ user, status }) => (
          <li key={user.id}>
            <Avatar name={user.first_name} /><span class="who"><b>{user.first_name}</b><button type="button" class="link" onClick={() => onOpen(user.id)}>Open beside</button></span>
            <Status name={user.first_name} status={status} onChange={(next) => change(state.act((acts) => acts.setMember(user, next)))} />
          </li>
        ))}
      </ul>
      <label class="check"><input type="checkbox" checked={view.privacy} onChange={(event) => change(setPrivacy(view.token, event.currentTarget.checked))} />Privacy mode of the bot, in all groups</label>
      <p class="hint">{privacyNote(view.privacy, view.bot_status)}</p>
    </Dialog>
  );
}

function Status({ name, status, onChange }: { name: string; status: MemberStatus; onChange: (status: MemberStatus) => void }): JSX.Element {
  return (
    <select aria-label={`Status of ${name}`} value={status} onChange={(event) => onChange(event.currentTarget.value as MemberStatus)}>
      {CHOICES.map((choice) => <option key={choice} value={choice}>{STATUSES[choice]}</option>)}
    </select>
  );
}
