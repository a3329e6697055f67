import type * as re2js from 're2js';

/** Evaluates the library; put around the engine by the bundler. */
declare const loadRe2js: () => typeof re2js;

let library: typeof re2js | undefined;

/** Stands for re2js in the engine. The library is more than half of the engine, and only bots with regular expressions should pay for its tables. */
export const RE2JS = {
  compile(pattern: string): re2js.RE2JS {
    library ??= loadRe2js();
    return library.RE2JS.compile(pattern);
  },
};
