import type { Bot, BotRevision, BotRuntime } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { capacityOf, takesSandbox } from './capacity.ts';

const revisions: Record<string, BotRevision> = { pooled: { spec: {} } as BotRevision, apart: { spec: { isolation: 'Dedicated' } } as BotRevision };
const takes = (spec: object, status?: object): boolean => takesSandbox({ spec, status } as Bot, (name) => revisions[name]);
const apart = { template: { spec: { isolation: 'Dedicated' } } };

it.each([
  ['is new', true, {}, undefined],
  ['is new and Dedicated', false, apart, {}],
  ['is suspended', false, { suspend: true }, { stableRevision: 'pooled' }],
  ['serves a Pooled revision', true, {}, { stableRevision: 'pooled' }],
  ['still serves a Pooled revision, and is to be Dedicated', true, apart, { stableRevision: 'pooled' }],
  ['serves a Dedicated revision', false, apart, { stableRevision: 'apart' }],
  ['serves a Dedicated revision, and tries a Pooled one', true, {}, { stableRevision: 'apart', canaryRevision: 'pooled' }],
  ['ends conversations on a Pooled revision', true, apart, { stableRevision: 'apart', superseded: [{ revision: 'pooled' }] }],
])('a Bot that %s takes a sandbox of its pool: %s', (_which, is, spec, status) => {
  expect(takes(spec, status)).toBe(is);
});

it('counts the sandboxes of ready pods, and what is left of them', () => {
  expect(capacityOf({ spec: { sandbox: { liveMax: 10 } } } as BotRuntime, 12, 1)).toEqual({ bots: 12, readyPods: 1, sandboxesMax: 10, headroom: -2 });
});
