import type { HostileScript } from './hostile-script.ts';

const own = { contained: 'own' } as const;
const absent = { contained: 'undefined' } as const;
const refused = { contained: 'refused' } as const;
const CLOCK = (expression: string): string => `try { return answer(${expression}); } catch (error) { return answer(/not available in a bot/.test(error.message) ? 'refused' : error.message); }`;

/** Scripts that look for a way out of their realm, isolate or process. */
export const REACHING: readonly HostileScript[] = [
  { name: 'everything that hangs on the global object', ends: own, step: 'return answer(foreign(globalThis));' },
  { name: 'this, the arguments and their callee', ends: own, step: 'return answer(foreign(this, arguments, arguments.callee, thrownBy(() => arguments.callee.caller)));' },
  { name: 'the input', ends: own, step: 'return answer(foreign(given, Object(given)));' },
  { name: 'the caller of run', ends: own, topLevel: 'globalThis.botplane = { run: function run() { return answer(foreign(run.caller, run.arguments)); } };' },
  { name: 'the receiver of a proxied run', ends: own, topLevel: `const seen = []; globalThis.botplane = new Proxy({ run: new Proxy(() => answer(foreign(...seen)), { apply(target, self, list) { seen.push(self, list); return target(); } }) }, { get(target, key, receiver) { seen.push(receiver, key); return target[key]; } });` },
  { name: 'the receiver of a getter', ends: own, topLevel: `const seen = []; Object.defineProperty(globalThis, 'botplane', { get() { seen.push(this, arguments, thrownBy(() => arguments.callee.caller)); return { run: () => answer(foreign(...seen)) }; } });` },
  { name: 'an error of the parser', ends: own, step: `return answer(foreign(thrownBy(() => JSON.parse('{')), thrownBy(() => eval('{'))));` },
  { name: 'an error of a full stack', ends: own, step: 'const deep = () => deep() + 1; return answer(foreign(thrownBy(deep)));' },
  { name: 'an error of a full stack at the border', ends: own, topLevel: `const kept = []; const deep = (n) => { try { return deep(n + 1); } catch (error) { kept.push(error); throw error; } }; globalThis.botplane = { run() { try { deep(0); } catch {} return answer(foreign(...kept.slice(0, 50))); } };` },
  { name: 'an error of a string too long', ends: own, step: `return answer(foreign(thrownBy(() => 'x'.repeat(2 ** 30)), thrownBy(() => new Array(-1)), thrownBy(() => new ArrayBuffer(2 ** 53))));` },
  { name: 'call sites of a stack', ends: own, step: `Error.prepareStackTrace = (error, sites) => sites; const sites = new Error().stack; return answer(foreign(sites, ...sites.flatMap((site) => [site.getThis(), site.getFunction(), site.getEvalOrigin(), site.getTypeName(), site.getPromiseIndex?.()])));` },
  { name: 'call sites of the border', ends: own, topLevel: `const kept = []; Error.prepareStackTrace = (error, sites) => { for (const site of sites) kept.push(site.getThis(), site.getFunction()); return ''; }; globalThis.botplane = { get run() { new Error().stack; return () => { new Error().stack; return answer(foreign(...kept)); }; } };` },
  { name: 'file names in a stack', ends: { contained: 'false' }, step: `return answer(/node:|file:|\\/|host/.test(new Error().stack));` },
  { name: 'the constructor of a constructor', ends: { contained: 'undefinedundefined' }, step: `return answer((() => {}).constructor.constructor('return typeof process + typeof require')());` },
  { name: 'the constructor of async functions and generators', ends: own, step: `return answer(foreign((async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor, (function* () {}).constructor('return globalThis')().next().value));` },
  { name: 'the global object of generated code', ends: { contained: 'true' }, step: `return answer(Function('return this')() === globalThis && (0, eval)('this') === globalThis);` },
  ...['process', 'require', 'module', 'global', 'Buffer', 'ivm', 'isolate', 'Reference', 'ExternalCopy', 'console', 'queueMicrotask', 'setTimeout', 'structuredClone', 'performance', 'navigator', 'crypto', 'Worker', 'MessageChannel'].map((name): HostileScript => ({ name: `the name ${name}`, ends: absent, step: `return answer(typeof ${name});` })),
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource'].map((name): HostileScript => ({ name: `the network by ${name}`, ends: absent, step: `if (typeof ${name} !== 'undefined') new ${name}('http://127.0.0.1:LISTENER/'); return answer(typeof ${name});` })),
  ...['SharedArrayBuffer', 'Atomics', 'WebAssembly', 'WeakRef', 'FinalizationRegistry', 'Temporal'].map((name): HostileScript => ({ name: `the name ${name}`, ends: absent, step: `return answer(typeof ${name} + '').replace('ESCAPED', '');` })),
  { name: 'shared memory by other ways', ends: { contained: 'Error' }, step: `try { return answer(new ArrayBuffer(8, { shared: true }).constructor.name === 'ArrayBuffer' && !ownKeys(globalThis).some((key) => /Shared|Atomics/.test(String(key))) ? 'Error' : 'ESCAPED'); } catch { return answer('Error'); }` },
  { name: 'natives of V8', ends: { contained: 'SyntaxError' }, step: `return answer(thrownBy(() => eval('%DebugPrint(1)')).name);` },
  { name: 'an import of a file system', ends: 'failed', step: `return import('node:fs').then((fs) => { fs.writeFileSync('CANARY', 'x'); return answer('ESCAPED'); });` },
  { name: 'an import in generated code', ends: 'failed', step: `return Function('return import("node:child_process")')();` },
  { name: 'an import caught', ends: 'bounded', step: `let got = 'nothing'; import('fs').then((fs) => { fs.writeFileSync('CANARY', 'x'); got = 'ESCAPED'; }, () => {}); return answer(got);` },
  { name: 'an import by a data address', ends: 'failed', step: `return import('data:text/javascript,export default process');` },
  { name: 'the meta object of a module', ends: { contained: 'SyntaxError' }, step: `return answer(thrownBy(() => eval('import.meta')).name);` },
  { name: 'a binding of Node', ends: absent, step: `return answer(Function('return typeof process === "undefined" ? undefined : process.binding("fs")')());` },
  { name: 'symbols that Node knows', ends: own, step: `const hook = { value() { return (0, eval)('process'); } }; for (const name of ['nodejs.util.inspect.custom', 'nodejs.util.promisify.custom', 'nodejs.rejection', 'nodejs.dispose']) Object.defineProperty(ObjectPrototype, Symbol.for(name), { ...hook, configurable: true }); return answer(foreign(globalThis));` },
  { name: 'the symbol registry of a neighbour', ends: { contained: '0' }, step: `return answer([Symbol.for('neighbour'), 'neighbour', '__neighbour'].filter((key) => globalThis[key] !== undefined).length);` },
  { name: 'what a neighbour left on prototypes', ends: absent, step: 'return answer(({}).neighbour ?? [].neighbour ?? (() => {}).neighbour);' },
  { name: 'the clock by Date', ends: refused, step: CLOCK('new Date().getTime()') },
  { name: 'the clock by a subclass of Date', ends: refused, step: CLOCK('new (class extends Date {})().getTime()') },
  { name: 'the clock by construct', ends: refused, step: CLOCK('Reflect.construct(Date, [], Object)') },
  { name: 'the clock by the prototype of Date', ends: refused, step: CLOCK('Object.getPrototypeOf(new Date(0)).constructor.now()') },
  { name: 'the clock by a bound Date', ends: refused, step: CLOCK('new (Date.bind())()') },
  { name: 'the clock by format', ends: refused, step: CLOCK('new Intl.DateTimeFormat().format()') },
  { name: 'the clock by format of undefined', ends: refused, step: CLOCK('new Intl.DateTimeFormat().format(undefined)') },
  { name: 'the clock by formatToParts', ends: refused, step: CLOCK('new Intl.DateTimeFormat().formatToParts().length') },
  { name: 'the clock by a formatter that was called', ends: refused, step: CLOCK('Intl.DateTimeFormat().format()') },
  { name: 'the clock by a getter of a prototype', ends: refused, step: CLOCK(`getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format').get.call(new Intl.DateTimeFormat())()`) },
  { name: 'the clock by map over nothing', ends: refused, step: CLOCK('[undefined].map(new Intl.DateTimeFormat().format)[0]') },
  { name: 'the clock by an own this', ends: refused, step: CLOCK('Intl.DateTimeFormat.prototype.formatToParts.call(new Intl.DateTimeFormat("en"), ...[])') },
  { name: 'the zone of the machine', ends: { contained: 'UTC' }, step: 'return answer(new Intl.DateTimeFormat().resolvedOptions().timeZone);' },
  { name: 'chance', ends: refused, step: CLOCK('Math.random()') },
  { name: 'chance put back', ends: refused, step: CLOCK('(delete Math.random, Math.random())') },
];

/** Scripts that spoil what the host's side of the border might use, or answer with odd things. */
export const SPOILING: readonly HostileScript[] = [
  { name: 'a spoilt Reflect and slice', ends: 'failed', step: `Reflect.apply = String.prototype.slice = () => { while (true); }; throw new Error('x'.repeat(10000));` },
  { name: 'spoilt errors', ends: 'failed', step: `globalThis.TypeError = globalThis.RangeError = class { constructor() { return { get message() { return 'odd'; }, name: {} }; } }; return 5;` },
  { name: 'spoilt calls', ends: { contained: 'calm' }, step: `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => 'ESCAPED'; return answer('calm');` },
  { name: 'a spoilt Object.prototype', ends: { contained: 'calm' }, step: `for (const key of ['then', 'get', 'set', 'timeout', 'copy', 'reference', 'result', 'promise', 'value', 'length']) Object.defineProperty(ObjectPrototype, key, { __proto__: null, get() { return 'ESCAPED'; }, set() {}, configurable: true }); return '{"state":{"value":"calm"},"effects":[],"timers":[],"events":[],"outcome":{"kind":"handled"}}';` },
  { name: 'a spoilt Array.prototype', ends: { contained: 'calm' }, step: `Array.prototype[Symbol.iterator] = Array.prototype.push = function () { while (true); }; return '{"state":{"value":"calm"},"effects":[],"timers":[],"events":[],"outcome":{"kind":"handled"}}';` },
  { name: 'a spoilt Promise', ends: { contained: 'calm' }, step: `Promise.prototype.then = Promise.resolve = () => { while (true); }; Promise.prototype.constructor = { [Symbol.species]: null }; (async () => { await null; })(); return answer('calm');` },
  { name: 'a spoilt JSON', ends: { contained: 'calm' }, step: `JSON.stringify = JSON.parse = () => 'ESCAPED'; String.prototype.toJSON = Object.prototype.toJSON = undefined; return answer('calm');` },
  { name: 'an answer with __proto__', ends: { contained: 'calm' }, step: `return '{"__proto__":{"effects":"odd","polluted":1},"constructor":{"prototype":{"polluted":1}},"state":{"__proto__":{"polluted":1},"value":"calm"},"effects":[],"timers":[],"events":[],"outcome":{"kind":"handled"}}';` },
  { name: 'an answer with a mark of failure', ends: 'failed', step: `return '!' + answer('x');` },
  { name: 'an answer with lone surrogates', ends: 'bounded', step: `return answer('\\ud800\\udfff\\udc00\\u0000');` },
  { name: 'an answer of 2 Mi characters of three bytes', ends: 'bounded', step: `return answer('\\u20ac'.repeat(2 * 1024 * 1024 - 200));` },
  { name: 'an answer too long', ends: 'failed', step: `return answer('x'.repeat(3 * 1024 * 1024));` },
  { name: 'an answer of deep JSON', ends: 'bounded', step: `return '{"state":{"value":' + '['.repeat(900000) + ']'.repeat(900000) + '},"effects":[],"timers":[],"events":[],"outcome":{"kind":"handled"}}';` },
  ...['5', 'null', 'undefined', 'Symbol.iterator', '5n', '{}', '[]', '() => 1', 'new String("{}")', 'Promise.resolve("{}")', 'new Proxy({}, {})', 'globalThis', '"\\u0000"', '""'].map((odd): HostileScript => ({ name: `the answer ${odd}`, ends: 'failed', step: `return ${odd};` })),
  ...['null', 'undefined', 'Symbol("x")', '5n', '"x".repeat(1e6)', '() => 1', 'globalThis', 'Promise.reject(1)', 'Object.create(null)', 'new Proxy(new Error("x"), {})', 'new AggregateError([new Error("x")])', '{ message: {}, name: Symbol() }', '{ __proto__: null, toString: null, message: "m" }', 'Object.assign(new Error("x"), { cause: globalThis })'].map((odd): HostileScript => ({ name: `the exception ${odd}`, ends: 'failed', step: `throw ${odd.startsWith('{') ? `(${odd})` : odd};` })),
  { name: 'an exception whose getters never end', ends: 'cut', step: `throw { get message() { while (true); } };` },
  { name: 'an exception that is a trap', ends: 'cut', step: `throw new Proxy(new Error('x'), { get() { while (true); }, getPrototypeOf() { while (true); }, getOwnPropertyDescriptor() { while (true); } });` },
  { name: 'an exception from the getter of the global', ends: 'failed', topLevel: `let n = 0; Object.defineProperty(globalThis, 'botplane', { get() { if (n++ > 0) throw Object.defineProperty(new Error('x'), 'stack', { get() { while (true); } }); return { run: () => answer(1) }; } });` },
  { name: 'an exception that throws when it is read', ends: 'failed', step: `throw { get message() { throw this; }, get name() { throw this; } };` },
  { name: 'a rejection nobody handles', ends: 'bounded', step: `Promise.reject(new Error('x')); return answer(1);` },
  { name: 'a rejection that is a trap', ends: 'cut', step: `Promise.reject({ get message() { while (true); } }); return answer(1);` },
  { name: 'a bot without run after the first step', ends: 'failed', step: 'globalThis.botplane = null; return globalThis.botplane.run;' },
  { name: 'a botplane that vanishes', ends: 'failed', topLevel: `let n = 0; Object.defineProperty(globalThis, 'botplane', { get: () => (n++ > 0 ? null : { run: () => answer(1) }) });` },
  { name: 'a debugger statement', ends: { contained: 'calm' }, step: `debugger; return answer('calm');` },
];

/** Top levels that must not load, or must load without harm. */
export const TOP_LEVELS: readonly HostileScript[] = [
  { name: 'a top level without end', ends: 'cut', topLevel: 'while (true);' },
  { name: 'a top level in native code', ends: 'bounded', topLevel: '(2n ** 120000000n).toString();' },
  { name: 'a top level that throws a trap', ends: 'bounded', topLevel: `throw new Proxy(new Error('x'), { get() { while (true); } });` },
  { name: 'a top level that throws an endless stack', ends: 'bounded', topLevel: `throw Object.defineProperties(new Error('x'), { stack: { get() { while (true); } }, message: { get() { while (true); } } });` },
  { name: 'a top level that fills the memory', ends: 'bounded', topLevel: 'const hoard = []; for (;;) hoard.push(new Array(1000).fill(1));' },
  { name: 'a top level that floods with microtasks', ends: 'bounded', topLevel: 'const again = () => { Promise.resolve().then(again); }; again(); globalThis.botplane = { run: () => answer(1) };' },
];
