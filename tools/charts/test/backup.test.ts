import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUCKETS } from '@botplane/contracts';
import { migrate } from '@botplane/db';
import { TypedBucket } from '@botplane/nats';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Install } from '../../backup/test/installs.ts';
import { packService } from '../../images/pack.mjs';
import { renderProfile } from './support/helm.ts';
import { find } from './support/manifest.ts';
import type { Manifest } from './support/manifest.ts';

interface Container {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } } }[];
}

let install: Install;
let folder: string;
let volume: string;
let manifests: Manifest[];
let container: Container;
beforeAll(async () => {
  folder = makeTempFolder('cronjob');
  volume = join(folder, 'volume');
  mkdirSync(volume);
  packService('backup', folder);
  manifests = await renderProfile('quickstart', 'backup={"enabled":true,"keep":1}');
  container = find(manifests, 'CronJob', 'botplane-backup').spec.jobTemplate.spec.template.spec.containers[0];
  install = await Install.start();
  await install.makeTopology();
  await migrate(install.postgres.url);
  await new TypedBucket<object>(install.nats.jsm, BUCKETS.chatState).put('default_shop.c1_u1', { v: 1, seq: 4, state: {} });
});
afterAll(async () => {
  await install?.stop();
  removeTempFolder(folder);
});

/** What the rendered container would do in the packed image, with this install's servers where the chart's would be. */
async function runContainer(args = container.args): Promise<string> {
  const { endpoint, accessKey, secretKey, bucket } = install.s3;
  const values: Record<string, string> = { NATS_URL: install.broker.url, S3_ENDPOINT: endpoint, S3_BUCKET: bucket };
  const secrets: Record<string, string> = { 'botplane-s3/accessKey': accessKey, 'botplane-s3/secretKey': secretKey, 'botplane-postgres/uri': install.postgres.url };
  const env = Object.fromEntries(container.env.map(({ name, value, valueFrom }) =>
    [name, value === undefined ? secrets[`${valueFrom?.secretKeyRef.name}/${valueFrom?.secretKeyRef.key}`] : (values[name] ?? value)]));
  const [program, ...options] = container.command;
  expect(program).toBe('node');
  const { stdout } = await promisify(execFile)(process.execPath, [...options, ...args.map((arg) => arg.replace(/^\/backups/, volume))], { cwd: join(folder, 'backup'), env });
  return stdout;
}

describe('[A6] the CronJob of the chart', () => {
  it('saves everything into its volume and keeps as many backups as its values say', async () => {
    expect(await runContainer()).toContain('conversations as of');
    const [first] = readdirSync(volume);
    expect(await runContainer()).toContain('conversations as of');
    const left = readdirSync(volume);
    expect(left).toHaveLength(1);
    expect(left).not.toEqual([first]);
  });

  it('takes what was broken off for such when no pod can be at it any more', () => {
    const { spec } = find(manifests, 'CronJob', 'botplane-backup').spec.jobTemplate;
    expect(container.args[container.args.indexOf('--hours-max') + 1]).toBe(String(spec.activeDeadlineSeconds / 3_600));
  });

  it('is what a restore is run with: its container checks a backup and brings it back', async () => {
    const [saved] = readdirSync(volume);
    expect(await runContainer(['restore', '--check', `/backups/${saved}`])).toContain('is whole: nats, postgres, s3');
    const records = new TypedBucket<object>(install.nats.jsm, BUCKETS.chatState);
    await records.put('default_shop.c1_u1', { v: 1, seq: 99, state: {} });
    expect(await runContainer(['restore', '--replace', `/backups/${saved}`])).toContain('restored as of');
    expect((await records.get('default_shop.c1_u1'))?.value).toMatchObject({ seq: 4 });
  });
});
