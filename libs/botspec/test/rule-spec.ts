export type Part = { [key: string]: unknown };

/** What a rule says of its bot; the rest is the same for all. */
export interface RuleSpec {
  /** Steps of flow `main`, which /go starts, or the whole flow. */
  main: unknown[] | Part;
  labels?: Part;
  flows?: Part;
  meta?: Part;
  /** Other top-level keys. */
  spec?: Part;
}

/** The whole spec of a rule. */
export function specOf({ main, labels, flows, meta, spec }: RuleSpec): Part {
  return {
    meta: { name: 'T', locales: ['en', 'de'], defaultLocale: 'en', ...meta },
    localization: { en: { hello: 'Hello', bye: 'Bye', cups: { one: 'one cup', other: '{{count}} cups' } }, de: { hello: 'Hallo' } },
    commands: [{ command: 'go', flow: 'main', hidden: true }],
    security: { allowDomains: ['api.example'] },
    ...spec,
    state: { name: { type: 'string' }, age: { type: 'integer' }, price: { type: 'number' }, flag: { type: 'boolean' }, cart: { type: 'object' }, list: { type: 'array' }, ...(spec?.['state'] as Part | undefined) },
    flows: { main: Array.isArray(main) ? { steps: main, ...(labels ? { labels } : {}) } : main, ...flows },
  };
}
