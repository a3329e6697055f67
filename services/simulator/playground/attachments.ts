/** Bytes of one file; what fits into a control call once it is base64, and what the simulator keeps. */
export const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** Pictures sent as photos are made smaller, as Telegram's apps do. */
const PHOTO_SIDE_MAX = 1_280;
const ALBUM_SIZE_MAX = 10;

export const SEND_KINDS = ['photo', 'video', 'animation', 'audio', 'voice', 'sticker', 'document'] as const;
export type SendKind = (typeof SEND_KINDS)[number];

/** The kinds that a file can be sent as, the usual one first. */
export function kindsFor(mimeType: string): SendKind[] {
  if (mimeType === 'image/gif') return ['animation', 'photo', 'document'];
  if (mimeType === 'image/webp') return ['sticker', 'photo', 'document'];
  if (/^image\/(png|jpeg|avif|bmp)$/.test(mimeType)) return ['photo', 'sticker', 'document'];
  if (mimeType.startsWith('video/')) return ['video', 'animation', 'document'];
  if (mimeType === 'audio/ogg') return ['voice', 'audio', 'document'];
  if (mimeType.startsWith('audio/')) return ['audio', 'voice', 'document'];
  return ['document'];
}

/** Whether these can be one album: photos and videos together, or only documents, or only audio. */
export function isAlbum(kinds: readonly SendKind[]): boolean {
  if (kinds.length < 2 || kinds.length > ALBUM_SIZE_MAX) return false;
  return [['photo', 'video'], ['document'], ['audio']].some((group) => kinds.every((kind) => group.includes(kind)));
}

/** A chosen file as message content in the short form of the control interface. */
export async function contentOfFile(file: File, kind: SendKind): Promise<Record<string, unknown>> {
  if (file.size > FILE_BYTES_MAX) throw new Error(`${file.name} has ${(file.size / 1_048_576).toFixed(1)} MB; the playground sends files up to ${FILE_BYTES_MAX / 1_048_576} MB.`);
  if (kind === 'photo') return { photo: await photoOf(file) };
  return { [kind]: { base64: await base64Of(file), file_name: file.name, mime_type: file.type || 'application/octet-stream', ...(await detailsOf(file, kind)) } };
}

async function photoOf(file: File): Promise<Record<string, unknown>> {
  const picture = await createImageBitmap(file).catch(() => { throw new Error(`${file.name} is no picture that this browser can read; send it as a file.`); });
  const scale = Math.min(1, PHOTO_SIDE_MAX / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  if (scale === 1 && file.type === 'image/jpeg') return { base64: await base64Of(file), file_name: file.name, mime_type: file.type, width, height };
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, width, height);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.87 });
  return { base64: await base64Of(blob), file_name: file.name.replace(/\.\w+$/, '.jpg'), mime_type: 'image/jpeg', width, height };
}

/** How long a sound or film is and how large its picture; nothing when the browser cannot tell. */
async function detailsOf(file: File, kind: SendKind): Promise<Record<string, number>> {
  if (kind === 'sticker' || (kind === 'animation' && file.type.startsWith('image/'))) {
    const picture = await createImageBitmap(file).catch(() => null);
    return picture ? { width: picture.width, height: picture.height } : {};
  }
  if (kind === 'document') return {};
  const media = document.createElement(file.type.startsWith('video/') ? 'video' : 'audio');
  const url = URL.createObjectURL(file);
  try {
    return await new Promise((resolve) => {
      media.onloadedmetadata = () => resolve({
        ...(Number.isFinite(media.duration) && { duration: Math.max(1, Math.round(media.duration)) }),
        ...(media instanceof HTMLVideoElement && media.videoWidth > 0 && { width: media.videoWidth, height: media.videoHeight }),
      });
      media.onerror = () => resolve({});
      media.src = url;
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function base64Of(blob: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error('The file could not be read.'));
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(',') + 1);
}
