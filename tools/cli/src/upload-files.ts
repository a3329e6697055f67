import type { UsedFile } from '@botplane/botspec';

type Params = Readonly<Record<string, unknown>>;

/** The content of a file of the bundle; throws when it is gone. */
export type ReadFile = (file: UsedFile['file']) => Uint8Array;

/** Parameters as a request carries them: JSON, or parts when files of the bundle go along. */
export function requestBody(params: Params, read: ReadFile): { body: string | FormData; headers: Record<string, string> } {
  const files: UsedFile['file'][] = [];
  const attached = attach(params, files) as Params;
  if (files.length === 0) return { body: JSON.stringify(params), headers: { 'content-type': 'application/json' } };
  const form = new FormData();
  for (const [name, value] of Object.entries(attached)) form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  files.forEach((file, index) => form.set(partOf(index), new File([Uint8Array.from(read(file))], file.fileName, { type: file.mimeType })));
  return { body: form, headers: {} };
}

const partOf = (index: number): string => `file${index}`;

/** `$file`, where the compiler put it, becomes the name of a part; its file is added to `files`. */
function attach(value: unknown, files: UsedFile['file'][]): unknown {
  if (Array.isArray(value)) return value.map((item) => attach(item, files));
  if (typeof value !== 'object' || value === null) return value;
  if ('$file' in value) return `attach://${partOf(files.push(value.$file as UsedFile['file']) - 1)}`;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, attach(item, files)]));
}
