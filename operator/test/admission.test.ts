import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, whileDown } from '@botplane/testing';
import { CONFIG_MAPS, SECRETS, getCondition, isTrue } from '@botplane/k8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { applyChange, brokenManifests, goodManifest } from '../../libs/botspec/test/broken-manifests.ts';
import { VALIDATING_WEBHOOKS } from '../src/admission/configuration.ts';
import { applyFolder, writeFolder } from './support/apply-folder.ts';
import type { Refusals } from './support/apply-folder.ts';
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

  it('reads the ConfigMap and the bundle that a Bot names; what it cannot read passes with a warning', async () => {
    const namespace = await world.namespace();
    const { botSpec: _, ...spec } = makeBot(namespace, 'echo', {}).spec;
    const naming = (source: object) => JSON.stringify({ apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name: 'echo', namespace }, spec: { ...spec, template: { spec: { source } } } });
    const byConfigMap = naming({ configMapRef: { name: 'texts' } });
    expect(await apply(byConfigMap, '--dry-run=server')).toMatchObject({ ok: true, out: expect.stringContaining('Warning: botSpec: the BotSpec was not checked now: ConfigMap texts with a key botspec.yaml does not exist') as string });

    await world.client.create(CONFIG_MAPS, { metadata: { name: 'texts', namespace }, data: { 'botspec.yaml': JSON.stringify(BROKEN) } });
    expect(await apply(byConfigMap)).toEqual({ ok: false, out: 'The Bot "echo" is invalid: spec.template.spec.source.configMapRef: fallback.flow: flow `helo` does not exist (did you mean `hello`?) [unknown_flow]\n' });
    expect((await apply(naming({ bundleRef: { digest: 'a'.repeat(64) } }), '--dry-run=server')).out).toContain(`Warning: botSpec: the BotSpec was not checked now: bundles/${'a'.repeat(64)}.tar is not in the bucket of the install`);
    await whileDown(world.s3, async () => {
      expect(await apply(naming({ bundleRef: { digest: 'a'.repeat(64) } }), '--dry-run=server')).toMatchObject({ ok: true, out: expect.stringContaining('it could not be read') as string });
    });
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
});

/** Beside the table: what kubectl and the API server say of their own, and what YAML 1.1 makes of a manifest. `vitest -u` writes it. */
const APPLIED = join(import.meta.dirname, '../../libs/botspec/test/broken/applied.yaml');
const SPEC = 'spec.template.spec.source.botSpec';
const DENIED = `admission webhook "bots.admission.botplane.dev" denied the request: ${SPEC} does not compile:\n`;

/** `3:7 code path: message (remedy)` of the table, as conditions and the webhook write it. */
function asTold(finding: string): string {
  const [, code = '', path = '', rest = ''] = /^\d+:\d+ (\w+) (\S+): (.*)$/s.exec(finding) ?? [];
  return `${path === '-' ? 'botSpec' : path}: ${rest} [${code}]`;
}

describe('[P2] [C6] the table of broken manifests', () => {
  const good = goodManifest();
  const rows = brokenManifests().map((row, index) => ({ ...row, name: `m-${index}`, says: row.says.map(asTold), text: applyChange(good, row) }));
  const named = (text: string, name: string): string => text.replace('{ name: shop, namespace: default }', `{ name: ${name}, namespace: ${namespace} }`);
  let namespace: string;
  let folder: string;
  let hooked: Refusals;

  it('is refused at kubectl apply, as at --dry-run=server, in the words of the compiler, or of the API server', async () => {
    namespace = await world.namespace();
    folder = writeFolder(join(world.folder, 'broken'), new Map(rows.map(({ name, text }) => [name, named(text, name)])));
    const asked = await applyFolder(world, folder, '--dry-run=server');
    const names = async () => new Set((await world.client.list(BOT, { namespace })).items.map(({ metadata }) => metadata.name));
    expect(await names()).toEqual(new Set());
    hooked = await applyFolder(world, folder);
    expect(hooked).toEqual(asked);
    // Nothing that was refused is stored; what is, YAML 1.1 reads as a manifest without mistakes.
    expect(await names()).toEqual(new Set(rows.flatMap(({ name }) => (hooked.has(name) ? [] : [name]))));
    for (const { name, says, title } of rows) {
      const refusal = hooked.get(name);
      const isOfYaml = says.some((line) => /\[yaml_\w+\]$/.test(line));
      // What YAML 1.1 reads otherwise is another manifest, or none.
      if (!isOfYaml && refusal?.startsWith(DENIED)) expect(refusal, title).toBe(DENIED + says.join('\n'));
      else if (!isOfYaml) expect(says.some((line) => refusal?.includes(`${SPEC}.${line.split(': ', 1)[0]}`)), `${title}: ${refusal}`).toBe(true);
    }
  });

  it('kubectl apply of one file shows each mistake with its place', async () => {
    const row = rows.find(({ says, name }) => says.length === 3 && hooked.get(name)?.startsWith(DENIED));
    const { out } = await apply(named(row?.text ?? '', 'shop'));
    expect(out).toBe(`The Bot "shop" is invalid: \n${row?.says.map((line) => `* ${SPEC}.${line}\n`).join('')}`);
  });

  it('is Stalled with the same words where no webhook was there to refuse it', async () => {
    await world.operator.stop();
    await world.client.create(SECRETS, { metadata: { name: 'shop-api', namespace }, data: { api: 'a2V5' } });
    const applied = await applyFolder(world, folder);
    await world.operator.start();
    const list = async () => {
      // A list of all of them is megabytes: asked for at every turn it would hold up what is waited for.
      await sleep(1_000);
      return (await world.client.list(BOT, { namespace })).items;
    };
    const bots = await eventually(list, (items) =>
      items.length === rows.length - applied.size && items.every(({ status }) => isTrue(status?.conditions, 'Stalled') || isTrue(status?.conditions, 'RevisionReady')), 60_000);
    const stalled = new Map(bots.map(({ metadata, status }) => [metadata.name, getCondition(status?.conditions, 'Stalled')]));

    const differing = rows.flatMap(({ name, title, says }) => {
      const [refusal, stored] = [hooked.get(name), stalled.get(name)];
      if (!refusal?.startsWith(DENIED)) {
        expect(applied.get(name), title).toBe(refusal);
        // The API server names the object, which the table does not.
        return { title, ...(refusal === undefined ? { taken: true } : { refused: refusal.replaceAll(`"${name}"`, '"shop"') }) };
      }
      expect(stored, title).toMatchObject({ reason: 'CompileFailed', message: refusal.slice(DENIED.length) });
      return stored?.message === says.join('\n') ? [] : { title, read: stored?.message.split('\n') };
    });
    const header = '# What kubectl apply says of rows of manifests.yaml where it is not what lint says: `refused` by kubectl or by the schema of the API server;\n# `read` by YAML 1.1 as a manifest with these other mistakes; `taken`, since YAML 1.1 reads a manifest without mistakes, meant or not.\n# `vitest -u` in operator/test/admission.test.ts writes this: read the diff.\n';
    await expect(header + stringify(differing, { lineWidth: 0 })).toMatchFileSnapshot(APPLIED);
  });
});

describe('[C6] the validating webhook, away', () => {
  it('objects are taken, and the condition tells', async () => {
    const namespace = await world.namespace();
    await world.secret(namespace, 'echo', await world.newToken());
    expect(await apply(manifest(namespace, BROKEN))).toMatchObject({ ok: true });
    const bot = await eventually(() => world.client.get(BOT, { namespace, name: 'echo' }), (found) => found.status?.conditions?.some(({ type, status }) => type === 'Stalled' && status === 'True') ?? false);
    expect(bot.status?.conditions?.find(({ type }) => type === 'Stalled')?.message).toContain('fallback.flow');
  });
});
