import { bundleKey, packBundle } from '@botplane/botspec';
import { sha256Hex } from '@botplane/domain';
import { ArtefactStore } from '@botplane/kit';
import { getCondition } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { BOT, REVISION, botIs, conditionOf, echoSpec, eventually, isServing, makeBot } from './support/world.ts';
import type { World } from './support/world.ts';

const PHOTO = Buffer.from('a picture');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const withPhoto = (caption: string) => JSON.stringify({ ...echoSpec('one'), flows: { hello: { steps: [{ reply: { photo: './images/cup.jpg', caption } }] } } });
const pack = (spec: string) => packBundle(new Map([['bot.yaml', bytes(spec)], ['images/cup.jpg', PHOTO]]));

/** What becomes of Bots whose spec is in a bundle. */
export function bundleCases(world: () => World): void {
  const store = () => {
    const { s3 } = world();
    return new ArtefactStore({ S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey, S3_BUCKET: s3.bucket, S3_REGION: 'us-east-1' });
  };
  const put = async (digest: string, content: Uint8Array) => {
    const artefacts = store();
    await artefacts.put(bundleKey(digest), content, 'application/x-tar');
    artefacts.close();
  };
  /** A Bot that names the bundle. */
  const create = async (digest: string) => {
    const [namespace, token] = [await world().namespace(), await world().newToken()];
    await world().secret(namespace, 'echo', token);
    const { botSpec: _, ...spec } = makeBot(namespace, 'echo', {}).spec;
    await world().client.create(BOT, { metadata: { name: 'echo', namespace }, spec: { ...spec, template: { spec: { source: { bundleRef: { digest } } } } } });
    return { namespace, read: () => world().client.get(BOT, { namespace, name: 'echo' }) };
  };
  const messageOf = async (read: ReturnType<typeof create> extends Promise<infer T> ? (T extends { read: infer R } ? R : never) : never, type: string) => getCondition((await read())?.status?.conditions, type)?.message;

  it('[P2] serves what a bundle holds once it is there, with its files as objects of the bot', async () => {
    const { digest, bytes: packed } = pack(withPhoto('one'));
    const { namespace, read } = await create(digest);
    await eventually(read, botIs(['Ready', 'False/BundleNotFound'], ['Reconciling', 'True/BundleNotFound']));
    expect(await messageOf(read, 'Ready')).toBe(`bundles/${digest}.tar is not in the bucket of the install; npx botplane bundle --push puts it there`);
    await put(digest, packed);
    const bot = await eventually(read, isServing);

    const revision = await world().client.get(REVISION, { namespace, name: bot.status?.stableRevision ?? '' });
    expect(revision && conditionOf(revision, 'SourceResolved')).toBe('True/FromBundle');
    const artefacts = store();
    expect(await artefacts.get(`bots/${namespace}_echo/files/${sha256Hex(PHOTO)}`)).toEqual(PHOTO);
    artefacts.close();

    const next = pack(withPhoto('two'));
    await put(next.digest, next.bytes);
    await world().client.patch(BOT, { namespace, name: 'echo' }, { type: 'merge', body: { spec: { template: { spec: { source: { bundleRef: { digest: next.digest } } } } } } });
    await eventually(read, (changed) => isServing(changed) && changed.status?.stableRevision !== bot.status?.stableRevision);
  });

  it('[P7] runs the tests of what was published, though the bundle is gone', async () => {
    const tests = [{ name: 'shows a cup', steps: [{ say: '/start' }, { expect: { photo: './images/cup.jpg', text: 'tested' } }] }];
    const { digest, bytes: packed } = pack(JSON.stringify({ ...(JSON.parse(withPhoto('tested')) as object), tests }));
    await put(digest, packed);
    const { namespace, read } = await create(digest);
    const { stableRevision: name = '' } = (await eventually(read, isServing)).status ?? {};
    const artefacts = store();
    await artefacts.remove(bundleKey(digest));
    artefacts.close();
    await world().client.patch(BOT, { namespace, name: 'echo' }, { type: 'merge', body: { spec: { rollout: { tests: 'Required' } } } });
    await eventually(() => world().client.get(REVISION, { namespace, name }), (revision) => conditionOf(revision, 'TestsPassed') === 'True/TestsPassed');
  });

  it('[P2] waits while the object store is away, and says so', async () => {
    const { digest, bytes: packed } = pack(withPhoto('away'));
    await put(digest, packed);
    await world().s3.kill();
    const { read } = await create(digest);
    await eventually(read, botIs(['Ready', 'False/ArtefactStoreAway'], ['Reconciling', 'True/ArtefactStoreAway']));
    await world().s3.restart();
    await eventually(read, isServing, 30_000);
  });

  it('[P2] says what is wrong with a bundle: other content, no bundle, a mistake in bot.yaml', async () => {
    const broken = pack(JSON.stringify({ ...echoSpec('one'), fallback: { flow: 'helo' }, flows: { hello: { steps: [{ reply: { photo: './images/cap.jpg' } }] } } }));
    const [other, zip] = [pack(withPhoto('other')), bytes('PK')];
    await Promise.all([put(broken.digest, broken.bytes), put('e'.repeat(64), other.bytes), put(sha256Hex(zip), zip)]);
    const [compiled, mismatch, invalid] = await Promise.all([create(broken.digest), create('e'.repeat(64)), create(sha256Hex(zip))]);
    await eventually(compiled.read, botIs(['Stalled', 'True/CompileFailed']));
    expect((await messageOf(compiled.read, 'Stalled'))?.split('\n')).toEqual(['fallback.flow: flow `helo` does not exist (did you mean `hello`?) [unknown_flow]', 'flows.hello.steps[0].reply.photo: `./images/cap.jpg` is not in the bundle (did you mean `./images/cup.jpg`?) [unknown_file]']);
    await eventually(mismatch.read, botIs(['Stalled', 'True/DigestMismatch']));
    await eventually(invalid.read, botIs(['Stalled', 'True/BundleInvalid']));
    expect(await messageOf(invalid.read, 'Stalled')).toBe(`bundles/${sha256Hex(zip)}.tar is no bundle: it is no tar archive, or it is cut off`);
  });
}
