import { Avatar, Icon, Menu } from '@botplane/ui';
import type { MenuItem } from '@botplane/ui';
import type { JSX } from 'preact';
import { LANGUAGES } from './people.ts';
import { isUnread } from './read-marks.ts';
import type { ChatView, Person } from './types.ts';

export interface HeaderActs {
  become: (userId: number) => void;
  newPerson: () => void;
  editPerson: () => void;
  speak: (language: string) => void;
  openChat: (chatId: number) => void;
  newGroup: () => void;
  showMembers: () => void;
  join: () => void;
  leave: () => void;
  block: (blocked: boolean) => void;
  exportChat: () => void;
  close: () => void;
}

interface Props {
  person: Person;
  people: readonly Person[];
  chatId: number;
  view: ChatView | null;
  botName: string;
  /** Not the last pane. */
  canClose: boolean;
  acts: HeaderActs;
}

/** Who writes, where, and in which language; what can be done with the chat. */
export function PaneHeader({ person, people, chatId, view, botName, canClose, acts }: Props): JSX.Element {
  const isGroup = chatId !== person.id;
  const title = isGroup ? (view?.chat.title ?? 'Group') : botName;
  return (
    <header class="pane-top">
      <Menu label={`Person: ${person.first_name}`} class="who-button" isNamed align="start" items={personItems({ person, people, acts })}>
        <Avatar name={person.first_name} size="small" /><span class="hidden">Person: </span><b>{person.first_name}</b><Icon name="down" />
      </Menu>
      <span class="in" aria-hidden="true">›</span>
      <Menu label={`Chat: ${title}`} class="who-button chat" isNamed align="start" items={chatItems({ person, chatId, view, botName, acts })}>
        {isGroup && <Icon name="people" />}<span class="hidden">Chat: </span><b>{title}</b><Icon name="down" />
      </Menu>
      <select class="lang" aria-label={`Language of ${person.first_name}`} title="Language of this person's Telegram" value={person.language_code} onChange={(event) => acts.speak(event.currentTarget.value)}>
        {!LANGUAGES.some(([code]) => code === person.language_code) && <option value={person.language_code}>{person.language_code.toUpperCase()}</option>}
        {LANGUAGES.map(([code, name]) => <option key={code} value={code}>{code.toUpperCase()} · {name}</option>)}
      </select>
      <Menu label="More about this chat" items={moreItems({ isGroup, view, acts })}><Icon name="more" /></Menu>
      {canClose && <button type="button" class="round close-pane" aria-label={`Close the pane of ${person.first_name}`} onClick={acts.close}><Icon name="close" /></button>}
    </header>
  );
}

function personItems({ person, people, acts }: Pick<Props, 'person' | 'people' | 'acts'>): (MenuItem | null)[] {
  const all = people.some(({ id }) => id === person.id) ? people : [person, ...people];
  return [
    ...all.map((one): MenuItem => ({ label: one.first_name, hint: `id ${one.id} · ${one.language_code}`, checked: one.id === person.id, onSelect: () => acts.become(one.id) })),
    null,
    { label: 'New person', icon: 'plus', onSelect: acts.newPerson },
    { label: `Rename or remove ${person.first_name} …`, icon: 'edit', onSelect: acts.editPerson },
  ];
}

function chatItems({ person, chatId, view, botName, acts }: Pick<Props, 'person' | 'chatId' | 'view' | 'botName' | 'acts'>): (MenuItem | null)[] {
  const groups = (view?.chats ?? []).map(({ chat, present, last }): MenuItem => {
    const news = chat.id !== chatId && isUnread(`chat.${view?.username ?? ''}.${person.id}.${chat.id}`, last) ? ' · new messages' : '';
    return { label: chat.title ?? String(chat.id), hint: `${present ? 'member' : 'not a member'}${news}`, checked: chat.id === chatId, onSelect: () => acts.openChat(chat.id) };
  });
  return [{ label: botName, hint: 'private chat', checked: chatId === person.id, onSelect: () => acts.openChat(person.id) }, ...groups, null, { label: 'New group …', icon: 'people', onSelect: acts.newGroup }];
}

function moreItems({ isGroup, view, acts }: { isGroup: boolean; view: ChatView | null; acts: HeaderActs }): (MenuItem | null)[] {
  const isMember = view !== null && !['left', 'kicked'].includes(view.status);
  const group: MenuItem[] = [
    { label: 'Members and rights …', icon: 'people', onSelect: acts.showMembers },
    isMember ? { label: 'Leave the group', icon: 'door', onSelect: acts.leave } : { label: 'Join the group', icon: 'door', onSelect: acts.join },
  ];
  const own: MenuItem[] = [view?.blocked === true ? { label: 'Unblock the bot', icon: 'block', onSelect: () => acts.block(false) } : { label: 'Block the bot', icon: 'block', danger: true, onSelect: () => acts.block(true) }];
  return [...(isGroup ? group : own), null, { label: 'Export the transcript …', icon: 'download', hint: 'As a test of a BotSpec, or JSON', onSelect: acts.exportChat }];
}
