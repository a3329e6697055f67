/** Stands before the message when the step failed: no JSON object begins with it. */
export const FAILURE_MARK = '!';
/** Longest message of a failure. */
export const MESSAGE_CHARS_MAX = 2_048;
/** Longest GuestOutput that leaves an isolate. */
export const OUTPUT_CHARS_MAX = 2 * 1024 * 1024;

const REMOVED = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'Temporal', 'console'];
const removalOf = (names: readonly string[]): string => `for (const name of ${JSON.stringify(names)}) delete globalThis[name];`;

/** An expression that makes the context deterministic and gives the function the host calls. */
const ENTER = `(() => {
  'use strict';
  const root = globalThis;
  const refuse = (what) => () => { throw new Error(what + ' is not available in a bot: the same input must give the same output'); };
  Object.defineProperty(Math, 'random', { value: refuse('Math.random'), writable: false, configurable: false });
  const NativeDate = Date;
  const { construct } = Reflect;
  const now = refuse('the clock');
  function Date_(...args) {
    if (new.target === undefined || args.length === 0) return now();
    return construct(NativeDate, args, new.target);
  }
  Object.defineProperty(Date_, 'name', { value: 'Date' });
  Object.defineProperty(Date_, 'length', { value: 7 });
  Date_.prototype = NativeDate.prototype;
  Object.defineProperty(NativeDate.prototype, 'constructor', { value: Date_, writable: false, configurable: false });
  Date_.parse = NativeDate.parse;
  Date_.UTC = NativeDate.UTC;
  Date_.now = now;
  Object.freeze(Date_);
  Object.defineProperty(root, 'Date', { value: Date_, writable: false, configurable: false });

  const { apply } = Reflect;
  const { slice } = String.prototype;
  // Without a date a formatter writes the present time.
  const formatter = Intl.DateTimeFormat.prototype;
  const formatOf = Object.getOwnPropertyDescriptor(formatter, 'format').get;
  const { formatToParts } = formatter;
  const given = (date) => (date === undefined ? now() : date);
  const fix = (object, name, property) => Object.defineProperty(object, name, { ...property, enumerable: false, configurable: false });
  fix(formatter, 'format', { get() { const format = apply(formatOf, this, []); return (date) => format(given(date)); } });
  fix(formatter, 'formatToParts', { value(date) { return apply(formatToParts, this, [given(date)]); }, writable: false });

  // What was thrown may have getters that never end: it is read here, where the timeout reaches.
  const describe = (thrown) => {
    if (typeof thrown !== 'object' || thrown === null) return 'thrown: ' + typeof thrown;
    try {
      const { name, message } = thrown;
      return (typeof name === 'string' ? name : 'Error') + ': ' + (typeof message === 'string' ? message : '');
    } catch {
      return 'thrown: something that cannot be read';
    }
  };

  const run = (input) => {
    const output = root.botplane.run(input);
    if (typeof output !== 'string') throw new TypeError('botplane.run returned no text');
    if (output.length > ${OUTPUT_CHARS_MAX}) throw new RangeError('botplane.run returned more than ${OUTPUT_CHARS_MAX} characters');
    return output;
  };

  return (input) => {
    if (input === undefined) {
      const guest = root.botplane;
      if (typeof guest !== 'object' || guest === null || typeof guest.run !== 'function') throw new TypeError('bot.js defines no botplane.run');
      return '';
    }
    try {
      return run(input);
    } catch (thrown) {
      return '${FAILURE_MARK}' + apply(slice, describe(thrown), [0, ${MESSAGE_CHARS_MAX}]);
    }
  };
})()`;

/**
 * First script of every context, before any code of the bot. It takes away what would let two runs of the same input differ
 * (clock, randomness, garbage collection) or reach memory outside the isolate's limit (WebAssembly, shared memory), and returns
 * the one function the host calls. It takes a string and returns a string; the host's own objects never enter the context.
 */
export const BOOTSTRAP = `${removalOf(REMOVED)} ${ENTER}`;

/** Where a snapshot keeps the function between the two scripts below. */
const KEPT = '__botplane_enter';
/** The same as first script of a snapshot. V8 puts into each context what it wants there, and needs an Atomics for it. */
export const SNAPSHOT_BOOTSTRAP = `${removalOf(REMOVED.filter((name) => name !== 'Atomics'))} Object.defineProperty(globalThis, '${KEPT}', { value: ${ENTER}, configurable: true });`;
/** First script of a context that comes from a snapshot. */
export const SNAPSHOT_RESUME = `${removalOf(REMOVED)} (() => { const enter = globalThis.${KEPT}; delete globalThis.${KEPT}; return enter; })()`;
