/** The API counts bytes where a text may only be so long; no character is cut in two. */
export const firstBytes = (text: string, bytesMax: number): string => Buffer.from(text).subarray(0, bytesMax).toString().replace(/\uFFFD+$/, '');

export const lastBytes = (text: string, bytesMax: number): string => Buffer.from(text).subarray(-bytesMax).toString().replace(/^\uFFFD+/, '');
