import type { JSX } from 'preact';
import { fileUrl } from './api.ts';
import { Icon } from './icons.tsx';
import { RichText } from './rich-text.tsx';
import type { InlineButton, Message } from './types.ts';

interface Props {
  message: Message;
  token: string;
  /** The first of a row of messages by the same sender. */
  first: boolean;
  selected: boolean;
  /** Data of the button that waits for its answer. */
  waiting: string | null;
  onPress: (message: Message, button: InlineButton) => void;
  onCommand: (command: string) => void;
  onInspect: (message: Message) => void;
}

const timeOf = (seconds: number): string => new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** One message with its buttons. */
export function Bubble(props: Props): JSX.Element {
  const { message, first, selected, onInspect } = props;
  const side = message.from.is_bot ? 'theirs' : 'mine';
  return (
    <li class={`row ${side}${first ? ' first' : ''}${selected ? ' selected' : ''}`} data-message-id={message.message_id}>
      <div class="column">
        <div class="bubble">
          <span class="hidden">{message.from.first_name}: </span>
          {message.reply_to_message && <Quote message={message.reply_to_message} />}
          <Content {...props} />
          <span class="meta">
            {message.edit_date !== undefined && <span>edited</span>}
            <time dateTime={new Date(message.date * 1000).toISOString()}>{timeOf(message.date)}</time>
          </span>
        </div>
        <Buttons {...props} />
      </div>
      <button type="button" class="inspect" title="Update and API calls" aria-label={`Show the update and API calls of message ${message.message_id}`} onClick={() => onInspect(message)}>
        <Icon name="code" />
      </button>
    </li>
  );
}

function Quote({ message }: { message: Message }): JSX.Element {
  return (
    <div class="quote">
      <b>{message.from.first_name}</b>
      <span>{message.text ?? message.caption ?? 'Message'}</span>
    </div>
  );
}

function Content({ message, token, onCommand }: Props): JSX.Element {
  const text = message.text ?? message.caption;
  return (
    <>
      <Media message={message} token={token} />
      {text !== undefined && (
        <div class="text"><RichText text={text} entities={message.entities ?? message.caption_entities} onCommand={onCommand} /></div>
      )}
    </>
  );
}

function Media({ message, token }: { message: Message; token: string }): JSX.Element | null {
  const { photo, sticker, location, contact } = message;
  const picture = photo?.at(-1)?.file_id ?? sticker?.file_id;
  if (picture !== undefined) return <img class={sticker ? 'sticker' : 'photo'} src={fileUrl(token, picture)} alt={sticker?.emoji ?? message.caption ?? 'Photo'} loading="lazy" />;
  if (location) return <div class="card"><Icon name="pin" /><span>Location<small>{location.latitude.toFixed(4)}, {location.longitude.toFixed(4)}</small></span></div>;
  if (contact) return <div class="card"><Icon name="person" /><span>{contact.first_name}<small>{contact.phone_number}</small></span></div>;
  return <FileCard message={message} token={token} />;
}

function FileCard({ message, token }: { message: Message; token: string }): JSX.Element | null {
  const file: Message['document'] = message.document ?? message.video ?? message.audio ?? (message.voice && { ...message.voice, file_name: 'Voice message' });
  if (!file) return message.text === undefined && message.caption === undefined ? <i class="text">A message of another kind</i> : null;
  return (
    <a class="card" href={fileUrl(token, file.file_id)} target="_blank" rel="noreferrer noopener">
      <Icon name="file" /><span>{file.file_name ?? 'File'}<small>{file.file_size !== undefined ? `${Math.ceil(file.file_size / 1024)} KB` : 'Open'}</small></span>
    </a>
  );
}

function Buttons({ message, waiting, onPress }: Props): JSX.Element | null {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return (
    <div class="buttons">
      {rows.map((row, y) => (
        <div class="button-row" key={y}>
          {row.map((button, x) => {
            const busy = waiting !== null && waiting === button.callback_data;
            return (
              <button type="button" key={x} class="inline" aria-busy={busy} onClick={() => onPress(message, button)}>
                <span>{button.text}</span>
                {button.callback_data === undefined && <Icon name="link" />}
              </button>
            );
          })}
        </div>
      ))}
    </div>
  );
}
