/** One hostile script: what a bot's author could have written. */
export interface HostileScript {
  readonly name: string;
  /** Body of `run(given)`; `answer(value)` makes a GuestOutput, `foreign(value)` looks for objects of another realm. */
  readonly step?: string;
  /** Top level of bot.js instead. */
  readonly topLevel?: string;
  /**
   * cut: never ends by itself, so it must be ended. bounded: what it wants ends in any way but in time.
   * contained: answers, and with exactly this value. failed: ends as the guest's own failure.
   */
  readonly ends: 'cut' | 'bounded' | 'failed' | { readonly contained: string };
}

/** Tools of the hostile scripts, taken before they spoil anything. */
const PRELUDE = `
const stringify = JSON.stringify;
const { ownKeys, getPrototypeOf, getOwnPropertyDescriptor } = Reflect;
const ObjectPrototype = Object.prototype;
const answer = (value) => stringify({ state: { value: String(value) }, effects: [], timers: [], events: [], outcome: { kind: 'handled' } });
/** 'own' when everything that can be reached from the value ends at this realm's Object.prototype. */
const foreign = (...values) => {
  const seen = new Set();
  while (values.length > 0 && seen.size < 20000) {
    const value = values.pop();
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    let last = value;
    for (let next = getPrototypeOf(last); next !== null; next = getPrototypeOf(last)) values.push((last = next));
    if (last !== ObjectPrototype && last !== value) return 'ESCAPED to another realm';
    for (const key of ownKeys(value)) {
      const property = getOwnPropertyDescriptor(value, key);
      if (property) values.push(property.value, property.get, property.set);
    }
    try {
      const code = value.constructor?.constructor?.('return typeof process + typeof require + typeof ivm')?.();
      if (typeof code === 'string' && code !== 'undefinedundefinedundefined') return 'ESCAPED to ' + code;
    } catch {}
  }
  return 'own';
};
const thrownBy = (act) => { try { act(); return undefined; } catch (error) { return error; } };
`;

/** bot.js of a script. */
export function botOf({ step, topLevel }: HostileScript): string {
  return `${PRELUDE}${topLevel ?? `globalThis.botplane = { run(given) { ${step ?? ''} } };`}`;
}
