import type { BotRuntime } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { isNamespaceAllowed } from './allowed-namespaces.ts';

const pool = (allowedNamespaces?: BotRuntime['spec']['allowedNamespaces']): BotRuntime => ({
  apiVersion: 'botplane.dev/v1alpha1', kind: 'BotRuntime', metadata: { name: 'default', namespace: 'sys' }, spec: allowedNamespaces ? { allowedNamespaces } : {},
});
const labels = { team: 'shop', tier: 'gold' };
const isAllowed = (allowed: BotRuntime['spec']['allowedNamespaces'], namespace = 'bots'): Promise<boolean> => isNamespaceAllowed(pool(allowed), namespace, () => Promise.resolve(labels));

it.each([
  [undefined, false], [{ from: 'Same' }, false], [{ from: 'All' }, true],
  [{ from: 'Selector', selector: { matchLabels: { team: 'shop' } } }, true], [{ from: 'Selector', selector: { matchLabels: { team: 'shop', tier: 'tin' } } }, false], [{ from: 'Selector', selector: {} }, true],
  [{ from: 'Selector', selector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['gold', 'tin'] }] } }, true],
  [{ from: 'Selector', selector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['gold'] }] } }, false],
  [{ from: 'Selector', selector: { matchExpressions: [{ key: 'other', operator: 'NotIn', values: ['gold'] }] } }, true],
  [{ from: 'Selector', selector: { matchExpressions: [{ key: 'other', operator: 'Exists' }] } }, false],
  [{ from: 'Selector', selector: { matchExpressions: [{ key: 'other', operator: 'DoesNotExist' }, { key: 'team', operator: 'Exists' }] } }, true],
] as const)('Bots of another namespace, %j: %s', async (allowed, is) => {
  expect(await isAllowed(allowed as never)).toBe(is);
});

it('Bots of its own namespace always, without asking for labels', async () => {
  for (const from of ['Same', 'All', 'Selector'] as const) expect(await isNamespaceAllowed(pool({ from }), 'sys', () => Promise.reject(new Error('asked')))).toBe(true);
});
