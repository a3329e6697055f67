import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import type { Client } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRuntime } from './setup.ts';
import type { TestRuntime } from './setup.ts';

let runtime: TestRuntime;
beforeAll(async () => {
  runtime = await startRuntime();
});
afterAll(() => runtime?.stop());

interface HealthClient extends Client {
  Check(request: { service: string }, callback: (error: Error | null, reply?: { status: string }) => void): void;
}

it('[C2] answers grpc.health.v1, which probes of Kubernetes ask', async () => {
  const definition = loadPackageDefinition(loadSync(protoPath, { enums: String })) as unknown as { grpc: { health: { v1: { Health: new (address: string, c: unknown) => HealthClient } } } };
  const client = new definition.grpc.health.v1.Health(runtime.address, credentials.createInsecure());
  const status = await new Promise((resolve, reject) => client.Check({ service: '' }, (error, reply) => (error ? reject(error) : resolve(reply?.status))));
  expect(status).toBe('SERVING');
  client.close();
});
