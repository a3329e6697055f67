/** What fits into one request of the control interface once it is base64. */
const FILE_BYTES_MAX = 700_000;

/** A chosen file as message content: pictures as photos, everything else as documents. */
export async function readFile(file: File): Promise<Record<string, unknown>> {
  if (file.size > FILE_BYTES_MAX) throw new Error(`The playground sends files up to ${FILE_BYTES_MAX / 1000} KB; this one has ${Math.ceil(file.size / 1000)} KB.`);
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new Error('The file could not be read.'));
    reader.readAsDataURL(file);
  });
  const content = { base64: url.slice(url.indexOf(',') + 1), file_name: file.name, mime_type: file.type || 'application/octet-stream' };
  return /^image\/(png|jpeg|webp|gif)$/.test(file.type) ? { photo: content } : { document: content };
}
