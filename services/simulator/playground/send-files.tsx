import { Dialog, Icon } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { contentOfFile, isAlbum, kindsFor } from './attachments.ts';
import type { SendKind } from './attachments.ts';

const LABELS: Readonly<Record<SendKind, string>> = { photo: 'Photo', video: 'Video', animation: 'GIF', audio: 'Audio', voice: 'Voice message', sticker: 'Sticker', document: 'File' };

interface Props {
  files: File[];
  onSend: (content: Record<string, unknown>) => Promise<unknown>;
  onClose: () => void;
}

/** Files before they are sent: what each looks like, what it is sent as, and a caption. */
export function SendFiles({ files, onSend, onClose }: Props): JSX.Element {
  const [kinds, setKinds] = useState(() => files.map((file) => kindsFor(file.type)[0] ?? 'document'));
  const [caption, setCaption] = useState('');
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState('');
  const isGroup = isAlbum(kinds);
  const send = async (): Promise<void> => {
    setSending(true);
    try {
      const contents = await Promise.all(files.map((file, i) => contentOfFile(file, kinds[i] ?? 'document')));
      const album = isGroup ? { media_group_id: `${Date.now()}` } : {};
      for (const [i, content] of contents.entries()) await onSend({ ...content, ...album, ...(i === 0 && caption.trim() !== '' && kinds[0] !== 'sticker' && { caption: caption.trim() }) });
      onClose();
    } catch (error) {
      setProblem((error as Error).message);
      setSending(false);
    }
  };
  return (
    <Dialog title={files.length === 1 ? 'Send a file' : isGroup ? `Send an album of ${files.length}` : `Send ${files.length} files`} onClose={onClose}>
      <form class="form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <ul class="previews">
          {files.map((file, i) => (
            <li key={i}>
              <Preview file={file} />
              <span class="who"><b>{file.name}</b><small>{Math.max(1, Math.ceil(file.size / 1024))} KB</small></span>
              <select aria-label={`Send ${file.name} as`} value={kinds[i]} onChange={(event) => setKinds(kinds.with(i, event.currentTarget.value as SendKind))}>
                {kindsFor(file.type).map((kind) => <option key={kind} value={kind}>{LABELS[kind]}</option>)}
              </select>
            </li>
          ))}
        </ul>
        <label>Caption<input value={caption} maxLength={1024} disabled={kinds[0] === 'sticker'} onInput={(event) => setCaption(event.currentTarget.value)} /></label>
        {problem !== '' && <p class="problem" role="alert">{problem}</p>}
        <div class="actions"><button type="button" class="secondary" onClick={onClose}>Cancel</button><button type="submit" class="primary" disabled={isSending}>{isSending ? 'Sending …' : 'Send'}</button></div>
      </form>
    </Dialog>
  );
}

function Preview({ file }: { file: File }): JSX.Element {
  const url = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  if (/^image\/(png|jpeg|gif|webp|avif|bmp)$/.test(file.type)) return <img class="thumb" src={url} alt="" width={52} height={52} />;
  if (file.type.startsWith('video/')) return <video class="thumb" src={url} muted preload="metadata" />;
  return <span class="thumb"><Icon name={file.type.startsWith('audio/') ? 'music' : 'file'} /></span>;
}
