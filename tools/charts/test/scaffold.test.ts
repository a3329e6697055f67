import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHART, PROFILES, ROOT, helm, render } from './support/helm.ts';
import { find, idOf } from './support/manifest.ts';

/** A copy of the charts and their tools, in which the documented commands run. */
let folder: string;
const run = (script: string, ...args: string[]): string =>
  execFileSync(process.execPath, [join(folder, 'tools/charts/scripts', script), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  folder = makeTempFolder('scaffold');
  mkdirSync(join(folder, 'tools'));
  cpSync(CHART, join(folder, 'charts/botplane'), { recursive: true });
  for (const name of ['package.json', 'src', 'scripts']) cpSync(join(ROOT, 'tools/charts', name), join(folder, 'tools/charts', name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => removeTempFolder(folder));

it('[C3] a service gets its chart by two commands, and installs beside the others', async () => {
  expect(run('new-service.ts', 'billing', "Keeps people's \"money\".")).toContain('wrote charts/botplane/charts/billing/Chart.yaml');
  expect(run('generate.ts')).toContain('charts/botplane/charts/billing/values.schema.json');

  const chart = join(folder, 'charts/botplane');
  const args = ['--values', PROFILES.default];
  const manifests = await render(args, chart);
  const before = (await render(args)).map(idOf);
  expect(manifests.map(idOf).filter((id) => !before.includes(id)).toSorted()).toEqual(
    ['Deployment/botplane-billing', 'NetworkPolicy/botplane-billing', 'PodDisruptionBudget/botplane-billing', 'Service/botplane-billing', 'ServiceAccount/botplane-billing'],
  );
  const [container] = find(manifests, 'Deployment', 'botplane-billing').spec.template.spec.containers;
  expect(container.image).toBe('botplane/billing:0.1.0');
  expect(container.env).toContainEqual({ name: 'NATS_URL', value: 'nats://nats.example:4222' });
  await expect(render([...args, '--set', 'billing.replica=2'], chart)).rejects.toThrow('replica');
  expect(await helm('lint', chart, '--strict', ...args)).toContain('0 chart(s) failed');
});

it('refuses a second chart of the same name, and names that Kubernetes would refuse', () => {
  expect(() => run('new-service.ts', 'executor', 'x')).toThrow('has a chart executor already');
  expect(() => run('new-service.ts', 'Billing', 'x')).toThrow('lower-case');
});

it('[C3] each service\'s chart stands alone with the library beside it', async () => {
  cpSync(join(CHART, 'charts/common'), join(folder, 'alone/common'), { recursive: true });
  const names = ['operator', 'ingress', 'executor', 'delivery', 'api', 'simulator'];
  await Promise.all(names.map(async (name) => {
    const own = join(folder, 'alone', name);
    cpSync(join(CHART, 'charts', name), own, { recursive: true });
    await helm('dependency', 'build', own);
    const manifests = await render(['--set-json', 'global={"webhook":{"host":"a.example"},"nats":{"url":"nats://n:4222"},"s3":{"endpoint":"http://s:1","secret":{"name":"s"}},"postgres":{"secret":{"name":"p"}}}'], own);
    expect(find(manifests, 'Deployment', `botplane-${name}`).spec.replicas).toBe(1);
  }));
});
