import { freePort } from '@botplane/testing';
import { SECRETS } from '@botplane/k8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VALIDATING_WEBHOOKS } from '../src/admission/configuration.ts';
import { BOT, echoSpec, eventually, isServing, makeBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

let world: World;
let admission: Record<string, string>;
beforeAll(async () => {
  world = await startWorld();
  const port = await freePort();
  admission = { BOTPLANE_ADMISSION_PORT: String(port), BOTPLANE_ADMISSION_URL: `https://127.0.0.1:${port}` };
  await world.operator.start(admission);
  await eventually(() => world.client.get(VALIDATING_WEBHOOKS, { name: 'botplane-admission' }), () => true);
}, 120_000);
afterAll(async () => world?.stop());

const manifest = (namespace: string, botSpec: object): string => JSON.stringify({ apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', ...makeBot(namespace, 'echo', botSpec as never) });
const apply = (text: string, ...flags: string[]) => world.kubectl(['apply', '-f', '-', ...flags], text);
const BROKEN = { ...echoSpec('one'), fallback: { flow: 'helo' } };

describe('[C6] the validating webhook', () => {
  it('says at kubectl apply and at --dry-run=server what is wrong and how to mend it; nothing is stored', async () => {
    const namespace = await world.namespace();
    for (const flags of [['--dry-run=server'], []]) {
      const { ok, out } = await apply(manifest(namespace, BROKEN), ...flags);
      expect(ok).toBe(false);
      expect(out).toBe('The Bot "echo" is invalid: spec.botSpec.fallback.flow: flow `helo` does not exist (did you mean `hello`?) [unknown_flow]\n');
    }
    expect(await world.client.get(BOT, { namespace, name: 'echo' })).toBeUndefined();
  });

  it('keeps the running revision out of an edit that does not compile', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.secret(namespace, 'echo', token);
    expect(await apply(manifest(namespace, echoSpec('one')))).toMatchObject({ ok: true });
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    const { metadata } = await eventually(read, isServing);
    expect((await apply(manifest(namespace, BROKEN))).ok).toBe(false);
    expect((await apply(manifest(namespace, echoSpec('one', { stateKey: 'user' })))).out).toContain('a Bot keeps its stateKey for life');
    expect((await read())?.metadata.generation).toBe(metadata.generation);
  });

  it('shows the same certificate after a restart, and makes it anew when its Secret is damaged', async () => {
    const ref = { namespace: 'botplane-system', name: 'botplane-admission-tls' };
    const first = (await world.client.get(SECRETS, ref))?.data;
    await world.operator.stop();
    await world.operator.start(admission);
    expect((await world.client.get(SECRETS, ref))?.data).toEqual(first);

    await world.operator.stop();
    await world.client.patch(SECRETS, ref, { type: 'merge', body: { data: { 'tls.crt': 'bm8=' } } });
    await world.operator.start(admission);
    const namespace = await world.namespace();
    await eventually(() => apply(manifest(namespace, BROKEN), '--dry-run=server'), ({ ok, out }) => !ok && out.includes('is invalid: spec.botSpec.fallback.flow'));
  });

  it('away: objects are taken, and the condition tells', async () => {
    await world.operator.stop();
    const namespace = await world.namespace();
    await world.secret(namespace, 'echo', await world.newToken());
    expect(await apply(manifest(namespace, BROKEN))).toMatchObject({ ok: true });
    await world.operator.start();
    const bot = await eventually(() => world.client.get(BOT, { namespace, name: 'echo' }), (found) => found.status?.conditions?.some(({ type, status }) => type === 'Stalled' && status === 'True') ?? false);
    expect(bot.status?.conditions?.find(({ type }) => type === 'Stalled')?.message).toContain('fallback.flow');
  });
});
