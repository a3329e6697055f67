import { Icon } from '@botplane/ui';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fileUrl } from './api.ts';
import type { FileRef, Message } from './types.ts';

interface Props {
  message: Message;
  token: string;
  onOpen: (picture: { url: string; alt: string }) => void;
}

/** What a message shows beside its text; null when there is nothing. */
export function Media({ message, token, onOpen }: Props): JSX.Element | null {
  const { photo, sticker, animation, video, video_note, audio, voice, document } = message;
  const picture = photo?.at(-1);
  const src = (file: FileRef): string => fileUrl(token, file.file_id);
  if (picture) return <Picture file={picture} src={src(picture)} alt={message.caption ?? 'Photo'} isHidden={message.has_media_spoiler === true} onOpen={onOpen} />;
  if (sticker) return <Fallible file={sticker} src={src(sticker)}>{(onError) => <img class="sticker" src={src(sticker)} alt={`Sticker ${sticker.emoji ?? ''}`} width={140} height={140} loading="lazy" onError={onError} />}</Fallible>;
  if (animation) return <Film file={animation} src={src(animation)} isLoop />;
  if (video) return <Film file={video} src={src(video)} />;
  if (video_note) return <Film file={{ ...video_note, width: 240, height: 240 }} src={src(video_note)} />;
  if (audio) return <Sound file={audio} src={src(audio)} name={[audio.performer, audio.title ?? audio.file_name ?? 'Audio'].filter((word) => word !== undefined).join(' – ')} />;
  if (voice) return <Sound file={voice} src={src(voice)} name="Voice message" />;
  if (document) return <FileCard file={document} src={src(document)} />;
  return <Card message={message} />;
}

function Picture({ file, src, alt, isHidden, onOpen }: { file: FileRef; src: string; alt: string; isHidden: boolean; onOpen: Props['onOpen'] }): JSX.Element {
  const [isShown, setShown] = useState(!isHidden);
  const { width = 640, height = 480 } = file;
  return (
    <Fallible file={file} src={src}>
      {(onError) => (
        <button type="button" class={`photo${isShown ? '' : ' veiled'}`} aria-label={isShown ? `Enlarge: ${alt}` : 'Hidden photo. Show it'} onClick={() => (isShown ? onOpen({ url: src, alt }) : setShown(true))}>
          <img src={src} alt="" width={width} height={height} loading="lazy" onError={onError} />
        </button>
      )}
    </Fallible>
  );
}

/** A medium whose content may not be here: the bot named a file_id only, or it is not kept any more. */
function Fallible({ file, src, children }: { file: FileRef; src: string; children: (onError: () => void) => JSX.Element }): JSX.Element {
  const [isGone, setGone] = useState(false);
  return isGone ? <FileCard file={file} src={src} isGone /> : children(() => setGone(true));
}

function Film({ file, src, isLoop = false }: { file: FileRef; src: string; isLoop?: boolean }): JSX.Element {
  const { width = 640, height = 360 } = file;
  const isPicture = file.mime_type?.startsWith('image/') === true;
  return (
    <Fallible file={file} src={src}>
      {(onError) => (isPicture
        ? <img class="film" src={src} alt="GIF" width={width} height={height} loading="lazy" onError={onError} />
        // oxlint-disable-next-line jsx-a11y/media-has-caption
        : <video class="film" src={src} width={width} height={height} controls={!isLoop} autoplay={isLoop && !matchMedia('(prefers-reduced-motion: reduce)').matches} loop={isLoop} muted={isLoop} playsInline preload="metadata" aria-label={isLoop ? 'GIF' : (file.file_name ?? 'Video')} onError={onError} />)}
    </Fallible>
  );
}

function Sound({ file, src, name }: { file: FileRef; src: string; name: string }): JSX.Element {
  return (
    <Fallible file={file} src={src}>
      {(onError) => (
        <div class="sound">
          <span><b>{name}</b>{file.duration !== undefined && <small>{Math.floor(file.duration / 60)}:{String(file.duration % 60).padStart(2, '0')}</small>}</span>
          {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
          <audio src={src} controls preload="none" aria-label={name} onError={onError} />
        </div>
      )}
    </Fallible>
  );
}

const sizeOf = (bytes: number): string => (bytes < 1_048_576 ? `${Math.max(1, Math.ceil(bytes / 1_024))} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`);

function FileCard({ file, src, isGone = false }: { file: FileRef; src: string; isGone?: boolean }): JSX.Element {
  const name = file.file_name ?? 'File';
  if (isGone) return <div class="card"><Icon name="file" /><span>{name}<small>No content here, only its file_id</small></span></div>;
  return (
    <a class="card" href={src} download={name}>
      <span class="disc"><Icon name="download" /></span><span><span class="hidden">Download </span>{name}<small>{file.file_size === undefined ? 'Download' : sizeOf(file.file_size)}</small></span>
    </a>
  );
}

function Card({ message }: { message: Message }): JSX.Element | null {
  const { location, venue, contact, dice } = message;
  if (location) {
    const place = `${location.latitude.toFixed(4)}, ${location.longitude.toFixed(4)}`;
    return <div class="card"><span class="disc"><Icon name="pin" /></span><span>{venue?.title ?? 'Location'}<small>{venue ? `${venue.address} · ${place}` : place}</small></span></div>;
  }
  if (contact) return <div class="card"><span class="disc"><Icon name="person" /></span><span>{contact.first_name}<small>{contact.phone_number}</small></span></div>;
  if (dice) return <div class="dice" role="img" aria-label={`${dice.emoji} shows ${dice.value}`}>{dice.emoji}<b>{dice.value}</b></div>;
  return null;
}
