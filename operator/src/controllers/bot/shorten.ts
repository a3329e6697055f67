import { firstBytes, lastBytes } from '@botplane/k8s';
import { ORIGIN_BYTES_MAX } from '../../limits.ts';

const CUT = ' … ';
/** An origin, and the `(…)` around it. */
const TAIL_BYTES = ORIGIN_BYTES_MAX + 2;

/** A text about a failed revision in so many bytes. Left out is the middle: at the end it names the commit, which is what people look for. */
export function shorten(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  return `${firstBytes(text, bytesMax - TAIL_BYTES - Buffer.byteLength(CUT))}${CUT}${lastBytes(text, TAIL_BYTES)}`;
}
