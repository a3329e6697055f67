import { expect, it } from 'vitest';
import { Backups } from '../src/cluster/backups.ts';
import { Cluster, NAMESPACE } from '../src/cluster/cluster.ts';
import { scanPod } from '../src/cluster/pod-scan.ts';
import { Environment } from '../src/environment.ts';
import { EXAMPLES, exampleToken } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';

/** Shorter values (a user name, a port) say nothing. */
const SECRET_CHARS_MIN = 12;
/** A file that needs no disk. */
const IN_MEMORY = '/dev/shm/name-of-pod';

const cluster = new Cluster();

it('[C3] Helm installed the profile quickstart, and every pod is Ready under Pod Security "restricted"', async () => {
  const namespace = JSON.parse(await cluster.kubectl(['get', 'namespace', NAMESPACE, '-o', 'json'])) as { metadata: { labels: Record<string, string> } };
  expect(namespace.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
  for (const service of ['operator', 'ingress', 'executor', 'delivery', 'api', 'simulator', 'nats', 'postgres', 's3', 'runtime']) await cluster.untilPods(service, 1);
});

it('[C3] helm test applies a bot, hears it answer and deletes it', async () => {
  expect(await cluster.helm(['test', 'botplane', '--logs', '--timeout', '240s'])).toMatch(/Phase:\s+Succeeded/);
});

it('[C6] all examples are Ready, and the coffee club asks the shop for a price', async () => {
  const env = new Environment();
  await env.kubectl(['apply', ...EXAMPLES.flatMap((name) => ['-f', `examples/${name}/secret.yaml`, '-f', `examples/${name}/bot.yaml`])]);
  for (const name of EXAMPLES) await env.waitFor(`bot/${name}`, 'Ready', 120);
  const anna = env.simulator.person(exampleToken('coffee-club'), { id: newUserId(), first_name: 'Anna', language_code: 'en' });
  await anna.say('/order');
  expect(await anna.hearsText()).toBe('Which size?');
  await anna.tap('Small');
  expect(await anna.hearsText()).toBe('Your e-mail for the receipt?');
  await anna.say('anna@example.org');
  expect(await anna.hearsText()).toBe('A small coffee is 3 €.');
});

it('[P9] a runtime pod that runs bots holds no secret of the cluster: on its disk, in the environment and the arguments of its processes', async () => {
  const { items } = JSON.parse(await cluster.kubectl(['get', 'secrets', '--all-namespaces', '-o', 'json'])) as { items: { type: string; data?: Record<string, string> }[] };
  // Helm keeps its releases as Secrets: what is in them stands in the others too.
  const encoded = items.filter(({ type }) => !type.startsWith('helm.sh/')).flatMap(({ data }) => Object.values(data ?? {}));
  const secrets = encoded.flatMap((text) => [text, Buffer.from(text, 'base64').toString().trim()]).filter((text) => text.length >= SECRET_CHARS_MIN);
  expect(secrets).toEqual(expect.arrayContaining(EXAMPLES.map((name) => exampleToken(name))));
  const pods = await cluster.pods('runtime');
  expect(pods.length).toBeGreaterThan(0);
  for (const { metadata: { name } } of pods) {
    // Its own name shows that the look sees something: in its environment, in a file, and in shared memory, where it is put.
    await cluster.kubectl(['exec', '--namespace', NAMESPACE, name, '--', 'node', '-e', `fs.writeFileSync(${JSON.stringify(IN_MEMORY)}, ${JSON.stringify(name)})`]);
    const found = await scanPod((args, input) => cluster.kubectl(args, input), { namespace: NAMESPACE, name }, [name, ...secrets]);
    await cluster.kubectl(['exec', '--namespace', NAMESPACE, name, '--', 'node', '-e', `fs.rmSync(${JSON.stringify(IN_MEMORY)})`]);
    expect(found.filter(({ what }) => what.includes(0)).map(({ where }) => where)).toEqual(expect.arrayContaining(['/proc/1/environ', '/etc/hostname', IN_MEMORY]));
    expect(found.filter(({ what }) => what.some((at) => at > 0))).toEqual([]);
  }
});

it('[A6] the CronJob saves NATS, PostgreSQL and the objects under Pod Security "restricted", and a Job made of it finds the backup whole', async ({ skip }) => {
  const backups = await Backups.start(cluster);
  if (backups === undefined) return skip('the cluster has no default storage class, and its nodes are not this machine');
  try {
    const said = await backups.run('botplane-backup-now');
    // The examples are there, so each of them has something to save.
    expect(said).toMatch(/KV_routes: [1-9]\d* messages/);
    expect(said).toContain('NATS: saved, conversations go on');
    expect(said).toMatch(/audit_log: \d+ rows/);
    expect(said).toMatch(/ {2}[1-9]\d* objects, /);
    const folder = /✓ (\/backups\/botplane-\w+): \d+ files/.exec(said)?.[1];
    expect(folder, said).toBeDefined();
    expect(await backups.run('botplane-restore', ['restore', '--check', folder ?? ''])).toContain(`✓ ${folder} is whole: nats, postgres, s3 as of `);
  } finally {
    await backups.stop();
  }
});
