import { request } from 'node:https';
import { generateAuthority, generateServerCertificate } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMISSION_BODY_BYTES_MAX } from '../limits.ts';
import { AdmissionServer } from './server.ts';

let server: AdmissionServer;
let port: number;
const reviewed: string[] = [];

beforeAll(async () => {
  const certificate = await generateServerCertificate('admission', await generateAuthority('test'), ['localhost'], ['127.0.0.1']);
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  server = new AdmissionServer({
    host: '127.0.0.1', port: 0, certificate, log,
    review: async ({ uid }) => {
      reviewed.push(uid);
      return { allowed: true, warnings: [] };
    },
  });
  port = await server.listen();
});
afterAll(() => server?.close());

/** Status of one call; a body that is only announced is never sent. */
function ask(method: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/validate', method, headers, rejectUnauthorized: false }, (response) => {
      resolve(response.statusCode);
      asked.destroy();
    });
    asked.once('error', reject);
    asked.flushHeaders();
  });
}

it('[W2] refuses a body above its limit, or of unknown size, before it is read', async () => {
  expect(await ask('POST', { 'content-length': String(ADMISSION_BODY_BYTES_MAX + 1) })).toBe(413);
  expect(await ask('POST', { 'transfer-encoding': 'chunked' })).toBe(413);
  expect(await ask('GET', {})).toBe(404);
  expect(reviewed).toEqual([]);
});
