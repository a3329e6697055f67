import { describe, expect, it } from 'vitest';
import { FRAME_BYTES_MAX, FrameReader, encodeFrame } from './protocol.ts';

const read = (chunks: Buffer[]): [number, number, string][] => {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => reader.push(chunk)).map(({ kind, id, body }) => [kind, id, body.toString()]);
};

describe('frames', () => {
  const stream = Buffer.concat([encodeFrame(4, 1, [], 'grüße'), encodeFrame(1, 0xffff_ffff, [], ''), encodeFrame(2, 7, [], 'x'.repeat(70_000))]);
  const expected: [number, number, string][] = [[4, 1, 'grüße'], [1, 0xffff_ffff, ''], [2, 7, 'x'.repeat(70_000)]];

  it.each([1, 2, 3, 5, 9, 64, 4_096, 1_000_000])('come out whole however the bytes are cut: %d', (size) => {
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_none, n) => stream.subarray(n * size, (n + 1) * size));
    expect(read(chunks)).toEqual(expected);
  });

  it('carry numbers before the text', () => {
    const [frame] = new FrameReader().push(encodeFrame(1, 2, [3, 4], 'code'));
    expect([frame?.body.readUInt32LE(0), frame?.body.readUInt32LE(4), frame?.body.toString('utf8', 8)]).toEqual([3, 4, 'code']);
  });

  it('that are too long or too short are refused', () => {
    const long = Buffer.alloc(4);
    long.writeUInt32LE(FRAME_BYTES_MAX + 1);
    expect(() => new FrameReader().push(long)).toThrow(RangeError);
    expect(() => new FrameReader().push(Buffer.alloc(4))).toThrow(RangeError);
  });
});
