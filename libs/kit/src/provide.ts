import type { FactoryProvider, ValueProvider } from '@nestjs/common';

/** A name for something that Nest injects, carrying its type. */
export type Token<T> = symbol & { readonly __type?: T };

/** Makes a token; two tokens of one name are two tokens. */
export const token = <T>(name: string): Token<T> => Symbol(name);

/** What a dependency is asked for by: a token, or the class itself. */
export type Key<T> = Token<T> | (abstract new (...args: never[]) => T);

/** Provides `target` under `key`, its constructor fed from `deps`: a wrong or missing dependency does not compile. */
export const provide = <T, D extends readonly unknown[]>(
  key: Key<T>,
  target: new (...deps: D) => T,
  ...deps: { [I in keyof D]: Key<D[I]> }
): FactoryProvider<T> => ({
  provide: key as symbol,
  inject: deps as unknown as symbol[],
  useFactory: (...resolved: unknown[]) => new target(...(resolved as unknown as D)),
});

/** Provides a finished value under `key`. */
export const provideValue = <T>(key: Key<T>, value: T): ValueProvider<T> => ({ provide: key as symbol, useValue: value });
