import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { parse, stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from './support/cluster.ts';
import type { Cluster } from './support/cluster.ts';
import { CHART, CRDS_CHART, NAMESPACE, helm } from './support/helm.ts';

/** What `make record-release` kept of the last release. */
const RELEASED = join(import.meta.dirname, 'released');
const BOTS = join(RELEASED, 'bots.yaml');

let cluster: Cluster;
let folder: string;
beforeAll(async () => {
  folder = makeTempFolder('released');
  for (const name of readdirSync(RELEASED).filter((file) => file.endsWith('.tgz'))) execFileSync('tar', ['-xzf', join(RELEASED, name), '-C', folder]);
  cluster = await startCluster(join(folder, 'botplane-crds'));
});
afterAll(async () => {
  await cluster?.stop();
  removeTempFolder(folder);
});

const release = (...args: string[]): Promise<string> => helm(...args, '--kubeconfig', cluster.kubeconfig, '--namespace', NAMESPACE);

/** Of what callers, volumes and running pods hang on: which object it is. One that was made anew has another uid. */
async function lasting(): Promise<string[]> {
  const kinds = 'deployments,statefulsets,services,serviceaccounts,botruntimes,poddisruptionbudgets';
  const text = await cluster.kubectl(['get', kinds, '-n', NAMESPACE, '-o', 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid}{"\\n"}{end}']);
  return text.trim().split('\n');
}

const secrets = (): Promise<string> => cluster.kubectl(['get', 'secrets', '-n', NAMESPACE, '-l', 'app.kubernetes.io/part-of=botplane', '-o', 'jsonpath={range .items[*]}{.metadata.name}{.data}{"\\n"}{end}']);

/** Every value of the released charts as somebody has it who copied their values.yaml. */
function everyValue(): string {
  const chart = join(folder, 'botplane');
  const valuesOf = (path: string): Record<string, unknown> => parse(readFileSync(join(path, 'values.yaml'), 'utf8')) as Record<string, unknown>;
  const { common: _common, ...all } = valuesOf(chart);
  for (const name of readdirSync(join(chart, 'charts')).filter((part) => part !== 'common')) {
    const { global: _global, common: _library, ...own } = valuesOf(join(chart, 'charts', name));
    all[name] = { ...own, ...(all[name] as object) };
  }
  const file = join(folder, 'every-value.yaml');
  writeFileSync(file, stringify(all));
  return file;
}

describe('[C3] an install of the last release', () => {
  afterEach(() => release('uninstall', 'botplane', '--ignore-not-found'));

  it('keeps its Bots when the custom resources are upgraded, and they could be applied anew', async () => {
    await cluster.kubectl(['apply', '--validate=strict', '-f', BOTS]);
    const specs = (): Promise<string> => cluster.kubectl(['get', 'bots', '-n', 'default', '-o', 'jsonpath={range .items[*]}{.metadata.name}{.spec}{"\\n"}{end}']);
    const before = await specs();
    await release('upgrade', 'botplane-crds', CRDS_CHART);
    await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crds', '--all']);
    expect(await specs()).toBe(before);
    const names = (await cluster.kubectl(['get', 'bots', '-n', 'default', '-o', 'name'])).trim().split('\n');
    expect(names.length).toBeGreaterThan(5);
    await cluster.kubectl(['delete', 'bots', '--all', '-n', 'default']);
    expect((await cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '-o', 'name', '-f', BOTS])).trim().split('\n').toSorted()).toEqual(names.toSorted());
  });

  it.each(['quickstart', 'minimal', 'ha'])('of profile %s is upgraded with its values, and rolled back: no object is made anew, no secret changes', async (profile) => {
    await release('install', 'botplane', join(folder, 'botplane'), '--values', join(folder, `botplane/profiles/${profile}.yaml`));
    const [objects, keys] = [await lasting(), await secrets()];
    await release('upgrade', 'botplane', CHART, '--reset-then-reuse-values');
    expect(await lasting()).toEqual(expect.arrayContaining(objects));
    expect(await secrets()).toBe(keys);
    await release('rollback', 'botplane', '1');
    expect(await lasting()).toEqual(objects);
    expect(await secrets()).toBe(keys);
  });

  it('has no value that these charts do not know', async () => {
    const rendered = await helm('template', 'botplane', CHART, '--namespace', NAMESPACE, '--kube-version', '1.36.0', '--values', everyValue(), '--values', join(folder, 'botplane/profiles/quickstart.yaml'));
    expect(rendered).toContain('botplane-executor');
  });
});
