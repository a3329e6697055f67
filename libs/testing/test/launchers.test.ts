import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { httpAnswers, startControlPlane, startNats, startPostgres, startS3, tcpAnswers, toolPath } from '../src/index.ts';

const run = promisify(execFile);
const stops: (() => Promise<void>)[] = [];
const track = <T extends { stop(): Promise<void> }>(server: T): T => {
  stops.push(() => server.stop());
  return server;
};
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
const portOf = (url: string): number => Number(new URL(url).port);

describe('launchers of real servers', () => {
  it('starts nats-server with JetStream and brings it back on the same port after a kill', async () => {
    const nats = track(await startNats({ syncAlways: true }));
    expect(await httpAnswers(`${nats.monitorUrl}/jsz`)).toBe(true);
    await nats.kill();
    expect(await tcpAnswers(portOf(nats.url))).toBe(false);
    await nats.restart();
    expect(await tcpAnswers(portOf(nats.url))).toBe(true);
  });

  it('starts a PostgreSQL that keeps its data over a kill', async () => {
    const postgres = track(await startPostgres());
    await query(postgres.url, 'create table kept (id int)');
    await postgres.kill();
    await postgres.restart();
    expect(await query(postgres.url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  });

  it('starts an S3 store with the bucket and refuses anonymous access', async () => {
    const s3 = track(await startS3({ bucket: 'artefacts' }));
    expect(s3.bucket).toBe('artefacts');
    const answer = await fetch(`${s3.endpoint}/artefacts`);
    expect(answer.status).toBe(403);
  });

  it('starts a control plane whose kubeconfig and certificate kubectl accepts', async () => {
    const cluster = track(await startControlPlane());
    const { stdout } = await run(toolPath('kubectl'), [`--kubeconfig=${cluster.kubeconfig}`, 'get', 'ns', '-o', 'name']);
    expect(stdout).toContain('namespace/default');
    await cluster.killApiServer();
    await cluster.restartApiServer();
    expect(await httpAnswers(`${cluster.url}/readyz`)).toBe(true);
  });
});

async function query(connectionString: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
