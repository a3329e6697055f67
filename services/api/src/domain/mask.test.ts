import { describe, expect, it } from 'vitest';
import { MASK_DEPTH_MAX } from '../limits.ts';
import { MASK, maskPersonal } from './mask.ts';

describe('maskPersonal', () => {
  it('[P1] keeps ids and kinds, and masks texts, names, places and buttons', () => {
    const update = {
      update_id: 1,
      message: {
        message_id: 2, chat: { id: 3, type: 'private', username: 'ada' }, from: { id: 3, is_bot: false, last_name: 'Lovelace' }, text: 'hi', entities: [{ type: 'bold', offset: 0, length: 2 }],
        location: { latitude: 1.5, longitude: 2.5 }, contact: { phone_number: '+1' },
      },
    };
    expect(maskPersonal(update)).toEqual({
      update_id: 1,
      message: {
        message_id: 2, chat: { id: 3, type: 'private', username: MASK }, from: { id: 3, is_bot: false, last_name: MASK }, text: MASK, entities: [{ type: 'bold', offset: 0, length: 2 }],
        location: { latitude: MASK, longitude: MASK }, contact: { phone_number: MASK },
      },
    });
  });

  it('[P1] masks texts under names it has never heard of, also in lists', () => {
    expect(maskPersonal({ method: 'sendMessage', params: { new_field: 'x', options: ['a', 'b'] } })).toEqual({ method: 'sendMessage', params: { new_field: MASK, options: [MASK, MASK] } });
  });

  it('stops at a bounded depth', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    let masked: unknown = maskPersonal(deep as never);
    for (let level = 0; level < MASK_DEPTH_MAX; level += 1) masked = (masked as unknown[])[0];
    expect(masked).toBe(MASK);
  });
});
