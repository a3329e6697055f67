import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { connects, listeningPorts } from './probes.ts';

/** Runs here what kubectl would run in a pod. */
async function runHere(args: readonly string[], input = ''): Promise<string> {
  const [command = '', ...rest] = args.slice(args.indexOf('--') + 1);
  const child = promisify(execFile)(command, rest);
  child.child.stdin?.end(input);
  return (await child).stdout;
}

const HERE = { namespace: 'here', pod: 'here', container: 'here' };

async function listen(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('a probe tells which targets it connects to, in their order', async () => {
  const open = await listen('127.0.0.1');
  // Nobody listens on port 1; nobody has an address of this range (RFC 5737), so no answer comes.
  const targets = [{ host: '127.0.0.1', port: open }, { host: '127.0.0.1', port: 1 }, { host: '192.0.2.1', port: 80 }, { host: '127.0.0.1', port: open }];
  expect(await connects(runHere, HERE, targets)).toEqual([true, false, false, true]);
});

it('the ports on which a pod listens are those that others reach', async () => {
  const [forAll, forItself] = [await listen('0.0.0.0'), await listen('127.0.0.1')];
  const found = await listeningPorts(runHere, HERE);
  expect(found).toContain(forAll);
  expect(found).not.toContain(forItself);
});
