/**
 * What the main process and a sandbox host say to each other over the host's standard input and output.
 * A frame: u32 length of what follows, u8 kind, u32 id, body. Numbers are little-endian; texts UTF-8.
 */

/** To the host. `id` is a revision's index for register and forget, a call for prepare and run. Sweep: end what idled, and tell the vitals. */
export const Command = { Register: 1, Forget: 2, Prepare: 3, Run: 4, Sweep: 5 } as const;
/** From the host. */
export const Report = { Ready: 1, Done: 2, Phase: 3, Vitals: 4 } as const;
/** First byte of a Done report's body. Starved: the time passed, but others had the processor. */
export const Status = { Ok: 0, GuestError: 1, Overrun: 2, NotRegistered: 3, Invalid: 4, OutOfMemory: 5, Starved: 6 } as const;
export type Status = (typeof Status)[keyof typeof Status];

export interface Frame {
  kind: number;
  id: number;
  body: Buffer;
}

const HEADER_BYTES = 9;
/** A longer frame is a broken peer. */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;

/** Writes one frame; `numbers` are u32 before the text. */
export function encodeFrame(kind: number, id: number, numbers: readonly number[], text: string | Uint8Array): Buffer {
  const textBytes = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + numbers.length * 4 + textBytes);
  frame.writeUInt32LE(frame.length - 4, 0);
  frame.writeUInt8(kind, 4);
  frame.writeUInt32LE(id, 5);
  numbers.forEach((number, index) => frame.writeUInt32LE(number, HEADER_BYTES + index * 4));
  const offset = HEADER_BYTES + numbers.length * 4;
  if (typeof text === 'string') frame.write(text, offset);
  else frame.set(text, offset);
  return frame;
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  private chunks: Buffer[] = [];
  private bytes = 0;

  /** Takes the next bytes and returns the frames that are complete now. Throws on a frame that is too long. */
  push(chunk: Buffer): Frame[] {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    // A large frame comes in many chunks: they are joined once it is whole.
    if (this.rest.length >= 4 && this.rest.length + this.bytes < this.rest.readUInt32LE(0) + 4) return [];
    this.rest = this.rest.length === 0 && this.chunks.length === 1 ? chunk : Buffer.concat([this.rest, ...this.chunks]);
    this.chunks = [];
    this.bytes = 0;
    return this.cut();
  }

  private cut(): Frame[] {
    const frames: Frame[] = [];
    let offset = 0;
    while (this.rest.length - offset >= 4) {
      const length = this.rest.readUInt32LE(offset);
      if (length > FRAME_BYTES_MAX || length < HEADER_BYTES - 4) throw new RangeError(`a frame of ${length} bytes`);
      if (this.rest.length - offset - 4 < length) break;
      frames.push({ kind: this.rest.readUInt8(offset + 4), id: this.rest.readUInt32LE(offset + 5), body: this.rest.subarray(offset + HEADER_BYTES, offset + 4 + length) });
      offset += 4 + length;
    }
    this.rest = this.rest.subarray(offset);
    return frames;
  }
}
