/** Kinds of files that a message may carry, by the name of the field. */
export const MEDIA_KINDS = ['photo', 'document', 'video', 'audio', 'voice', 'animation', 'sticker', 'video_note', 'live_photo'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

/** What is known about a file; the rest is made up. */
export interface MediaSource {
  fileId?: string;
  name?: string;
  mimeType?: string;
  size?: number;
}

/** A file as message fields in Telegram's shape. */
export interface MadeMedia {
  fileId: string;
  fields: Record<string, unknown>;
}

const DEFAULTS: Readonly<Record<MediaKind, { name: string; mimeType: string }>> = {
  photo: { name: 'photo.jpg', mimeType: 'image/jpeg' },
  document: { name: 'document.bin', mimeType: 'application/octet-stream' },
  video: { name: 'video.mp4', mimeType: 'video/mp4' },
  audio: { name: 'audio.mp3', mimeType: 'audio/mpeg' },
  voice: { name: 'voice.ogg', mimeType: 'audio/ogg' },
  animation: { name: 'animation.gif', mimeType: 'image/gif' },
  sticker: { name: 'sticker.webp', mimeType: 'image/webp' },
  video_note: { name: 'note.mp4', mimeType: 'video/mp4' },
  live_photo: { name: 'live.mp4', mimeType: 'video/mp4' },
};

/** Message fields for a file of this kind, in Telegram's shape. Sizes in pixels and seconds are made up. */
export function makeMedia(kind: MediaKind, source: MediaSource): MadeMedia {
  const fileId = source.fileId ?? `SIM${kind.slice(0, 3)}_${crypto.randomUUID().replaceAll('-', '')}`;
  const base = { file_id: fileId, file_unique_id: `U${fileId.slice(-15)}`, ...(source.size !== undefined && { file_size: source.size }) };
  const name = { file_name: source.name ?? DEFAULTS[kind].name, mime_type: source.mimeType ?? DEFAULTS[kind].mimeType };
  switch (kind) {
    case 'photo':
      return { fileId, fields: { photo: [{ ...base, width: 640, height: 480 }] } };
    case 'document':
      return { fileId, fields: { document: { ...base, ...name } } };
    case 'video':
      return { fileId, fields: { video: { ...base, ...name, width: 640, height: 480, duration: 1 } } };
    case 'animation': {
      const animation = { ...base, ...name, width: 320, height: 240, duration: 1 };
      return { fileId, fields: { animation, document: { ...base, ...name } } };
    }
    case 'audio':
      return { fileId, fields: { audio: { ...base, ...name, duration: 1 } } };
    case 'voice':
      return { fileId, fields: { voice: { ...base, mime_type: name.mime_type, duration: 1 } } };
    case 'sticker':
      return { fileId, fields: { sticker: { ...base, type: 'regular', width: 512, height: 512, is_animated: false, is_video: false } } };
    case 'video_note':
      return { fileId, fields: { video_note: { ...base, length: 240, duration: 1 } } };
    case 'live_photo':
      return { fileId, fields: { live_photo: { ...base, mime_type: name.mime_type, width: 640, height: 480, duration: 1 } } };
  }
}

/** Numbers and words about a file that the sender may give; Telegram shows them with the file. */
export const MEDIA_DETAILS = ['duration', 'width', 'height', 'length', 'performer', 'title'] as const;
