/**
 * 64-bit FNV-1a style hash as 12–13 characters of base 36, over UTF-16 code units. It stands in callback_data of messages that were
 * sent long ago, so it must never change; it is no protection against anybody.
 */
export function stableHash(text: string): string {
  return (half(text, 0x811c9dc5) * 0x100000 + (half(text, 0x1b873593) >>> 12)).toString(36).padStart(11, '0');
}

function half(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Name of a flow in callback_data. */
export const flowHash = (flow: string): string => stableHash(`flow:${flow}`);
/** Name of a label or step id of a flow in callback_data. */
export const placeHash = (flow: string, place: string): string => stableHash(`place:${flow}#${place}`);
/** Name of a choice step in callback_data: its written id, else its path. */
export const choiceHash = (flow: string, step: string): string => stableHash(`choice:${flow}#${step}`);
