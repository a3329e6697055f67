import { Avatar, Icon, Menu } from '@botplane/ui';
import type { MenuItem } from '@botplane/ui';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { InvoiceCard } from './checkout.tsx';
import { InlineKeyboard } from './inline-keyboard.tsx';
import { Media } from './media.tsx';
import { PollCard } from './poll-card.tsx';
import { ReactionPicker, ReactionRow } from './reactions.tsx';
import { RichText } from './rich-text.tsx';
import { serviceLine, summaryOf } from './summary.ts';
import type { GivenReaction, InlineButton, Message, Person } from './types.ts';

/** What one can do with a message. */
export interface MessageActs {
  press: (message: Message, button: InlineButton) => void;
  command: (text: string) => void;
  link: (url: string, shown: string) => void;
  picture: (picture: { url: string; alt: string }) => void;
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  remove: (message: Message) => void;
  react: (message: Message, emoji: string | null) => void;
  vote: (message: Message, optionIds: number[]) => void;
  pay: (message: Message) => void;
  inspect: (message: Message) => void;
  jump: (messageId: number) => void;
}

interface Props {
  /** More than one: an album. */
  messages: [Message, ...Message[]];
  person: Person;
  token: string;
  botUsername: string;
  /** The first of a row of messages by the same sender. */
  isFirst: boolean;
  isGroup: boolean;
  isSelected: boolean;
  isMember: boolean;
  reactions: readonly GivenReaction[];
  vote: number[] | undefined;
  /** Data of the button that waits for its answer. */
  waiting: string | null;
  acts: MessageActs;
}

const timeOf = (seconds: number): string => new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** One message, or the parts of an album, with what belongs to it. */
export function Bubble(props: Props): JSX.Element {
  const { messages, person, isFirst, isGroup, isSelected, reactions, waiting, acts } = props;
  const [message] = messages;
  const [isPicking, setPicking] = useState(false);
  const service = serviceLine(message);
  if (service !== undefined) return <li class="row note-row" data-message-id={message.message_id} tabIndex={-1}><button type="button" class="note" title="Update and API calls" onClick={() => acts.inspect(message)}>{service}</button></li>;
  const isMine = message.from.id === person.id;
  const rows = message.reply_markup?.inline_keyboard;
  const last = messages.at(-1) ?? message;
  return (
    <li class={`row ${isMine ? 'mine' : 'theirs'}${isFirst ? ' first' : ''}${isSelected ? ' selected' : ''}`} data-message-id={message.message_id} tabIndex={-1}>
      {isGroup && !isMine && <span class="gutter">{isFirst && <Avatar name={message.from.first_name} size="small" />}</span>}
      <div class="column">
        <div class={`bubble${message.sticker || message.dice ? ' bare' : ''}`}>
          {isGroup && !isMine && isFirst ? <b class="sender">{message.from.first_name}{message.from.is_bot && <small> bot</small>}</b> : <span class="hidden">{isMine ? 'You' : message.from.first_name}: </span>}
          {message.reply_to_message && <Quote message={message.reply_to_message} quote={message.quote?.text} onJump={acts.jump} />}
          <Content {...props} />
          <span class="meta">
            {messages.some(({ edit_date }) => edit_date !== undefined) && <span>edited</span>}
            <time dateTime={new Date(last.date * 1000).toISOString()}>{timeOf(last.date)}</time>
          </span>
        </div>
        <ReactionRow reactions={reactions} userId={person.id} onToggle={(emoji, isOwn) => acts.react(message, isOwn ? null : emoji)} />
        {isPicking && <ReactionPicker onPick={(emoji) => { setPicking(false); acts.react(message, emoji); }} onClose={() => setPicking(false)} />}
        {rows && rows.length > 0 && <InlineKeyboard rows={rows} botUsername={props.botUsername} waiting={waiting} onPress={(button) => acts.press(message, button)} />}
      </div>
      <Menu label={`Actions for message ${message.message_id}`} class="act" align={isMine ? 'end' : 'start'} items={itemsOf(props, () => setPicking(true))}><Icon name="more" /></Menu>
    </li>
  );
}

function itemsOf({ messages: [message], person, isMember, acts }: Props, pick: () => void): (MenuItem | null)[] {
  const text = message.text ?? message.caption;
  const isMine = message.from.id === person.id;
  const isEditable = isMine && isMember && text !== undefined;
  return [
    ...(isMember ? [{ label: 'Reply', icon: 'reply', onSelect: () => acts.reply(message) }, { label: 'React …', icon: 'smile', onSelect: pick }] satisfies MenuItem[] : []),
    ...(text === undefined ? [] : [{ label: 'Copy text', icon: 'copy', onSelect: () => void navigator.clipboard.writeText(text) }] satisfies MenuItem[]),
    ...(isEditable ? [{ label: 'Edit', icon: 'edit', onSelect: () => acts.edit(message) }] satisfies MenuItem[] : []),
    { label: 'Update and API calls', icon: 'code', onSelect: () => acts.inspect(message) },
    ...(isMember && (isMine || message.chat.type === 'private') ? [null, { label: 'Delete', icon: 'trash', danger: true, hint: 'Bots are not told', onSelect: () => acts.remove(message) }] satisfies (MenuItem | null)[] : []),
  ];
}

function Quote({ message, quote, onJump }: { message: Message; quote: string | undefined; onJump: (messageId: number) => void }): JSX.Element {
  return (
    <button type="button" class="quote" onClick={() => onJump(message.message_id)}>
      <b><span class="hidden">In reply to </span>{message.from.first_name}</b>
      <span>{quote ?? summaryOf(message)}</span>
    </button>
  );
}

function Content({ messages, token, person, vote, isMember, acts }: Props): JSX.Element {
  const [message] = messages;
  const captioned = messages.find(({ caption }) => caption !== undefined) ?? message;
  const text = message.text ?? captioned.caption;
  const isAlbum = messages.length > 1;
  const canPay = message.chat.id === person.id && isMember;
  return (
    <>
      {isAlbum
        ? <div class={`album ${message.photo || message.video ? 'tiles' : ''}`} role="group" aria-label={`Album of ${messages.length}`}>{messages.map((one) => <Media key={one.message_id} message={one} token={token} onOpen={acts.picture} />)}</div>
        : <Media message={message} token={token} onOpen={acts.picture} />}
      {message.poll && <PollCard poll={message.poll} vote={vote} onVote={(ids) => acts.vote(message, ids)} />}
      {message.invoice && <InvoiceCard invoice={message.invoice} onPay={canPay && !message.reply_markup?.inline_keyboard ? () => acts.pay(message) : null} />}
      {text !== undefined && text !== '' && (
        <div class="text" dir="auto"><RichText text={text} entities={message.entities ?? captioned.caption_entities} onCommand={acts.command} onLink={acts.link} /></div>
      )}
      {text === undefined && !isAlbum && isUnknown(message) && <i class="text">A message the playground cannot show; its update says more</i>}
    </>
  );
}

const KNOWN = ['photo', 'sticker', 'animation', 'video', 'video_note', 'audio', 'voice', 'document', 'location', 'contact', 'dice', 'poll', 'invoice'] as const;
const isUnknown = (message: Message): boolean => KNOWN.every((field) => message[field] === undefined);
