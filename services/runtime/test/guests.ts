/** bot.js files for tests. `run` gets a GuestInput and acts on event.update.text. */

const OUTPUT = `const output = (state, effects) => JSON.stringify({ state, effects, timers: [], events: [], outcome: { kind: 'handled' } });`;
const guest = (body: string): string => `${OUTPUT}
globalThis.botplane = { run(text) { const input = JSON.parse(text); const word = input.event.update.text; ${body} } };`;

/** Answers with what it was told, how often it ran in this isolate, and obeys a few words that a hostile bot would use. */
export const OBEDIENT = `globalThis.runs = 0;
${guest(`
  runs += 1;
  if (word === 'throw') throw new TypeError('no such flow');
  if (word === 'nothing') return undefined;
  if (word === 'garbage') return '{"state":1}';
  if (word === 'loop') while (true);
  if (word === 'microtasks') { const again = () => { Promise.resolve().then(() => { again(); }); }; again(); return output({}, []); }
  if (word === 'regex') /^(a+)+$/.test('a'.repeat(40) + 'b');
  if (word === 'bigint') return output({ digits: (2n ** 60000000n).toString().length }, []);
  if (word === 'memory') { const hoard = []; while (true) hoard.push('x'.repeat(1000) + hoard.length); }
  if (word === 'buffers') { const hoard = []; while (true) hoard.push(new Uint8Array(10 * 1024 * 1024).fill(1)); }
  if (word === 'stack') { const deep = () => deep() + 1; deep(); }
  if (word === 'long') return output({ text: 'x'.repeat(3 * 1024 * 1024) }, []);
  if (word === 'throw null') throw null;
  if (word === 'throw symbol') throw Symbol('odd');
  if (word === 'throw getter') { const error = new Error('x'); Object.defineProperty(error, 'message', { get() { while (true); } }); Object.defineProperty(error, 'stack', { get() { while (true); } }); throw error; }
  if (word === 'throw proxy') throw new Proxy(new Error('x'), { get() { while (true); }, getOwnPropertyDescriptor() { while (true); }, getPrototypeOf() { while (true); } });
  if (word === 'throw long') throw new Error('x'.repeat(1e6));
  if (word === 'rejection') { Promise.reject(new Error('unhandled')); return output({}, []); }
  if (word === 'promise') return Promise.resolve(output({}, []));
  if (word === 'boxed') return new String(output({}, []));
  if (word.startsWith('eval ')) { let value; try { value = String((0, eval)(word.slice(5))); } catch (error) { value = error.name + ': ' + error.message; } return output({ value }, []); }
  return output({ runs, echo: word }, [{ method: 'sendMessage', params: { text: word }, chat: '1', lane: 'reply' }]);`)}`;

/** Evaluates, but defines no botplane.run. */
export const EMPTY = `globalThis.nothing = 1;`;
/** Never ends to evaluate. */
export const ENDLESS_TOP_LEVEL = `while (true);`;
/** Blocks V8 in native code while it evaluates, where isolated-vm's timeout does not reach. */
export const BLOCKING_TOP_LEVEL = `(2n ** 120000000n).toString();`;
export const SYNTAX_ERROR = `globalThis.botplane = {`;

/** A GuestInput with a message of this text. */
export const inputOf = (text: string): string => JSON.stringify({ event: { kind: 'update', update: { text } }, state: {}, env: {} });
