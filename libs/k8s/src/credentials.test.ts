import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CredentialSource } from './credentials.ts';
import { readKubeconfig, readServiceAccount } from './kubeconfig.ts';

let folder: string;
beforeAll(() => {
  folder = makeTempFolder('credentials');
});
afterAll(() => removeTempFolder(folder));

function kubeconfig(name: string, user: object, more: { server?: string; cluster?: object; context?: string } = {}): string {
  const context = more.context ?? 'here';
  const file = join(folder, name);
  const cluster = { server: more.server ?? 'https://kube.test:6443/', ...more.cluster };
  writeFileSync(file, JSON.stringify({
    'current-context': context, clusters: [{ name: 'kube', cluster }], users: [{ name: `me-${context}`, user }],
    contexts: [{ name: context, context: { cluster: 'kube', user: `me-${context}`, namespace: `bots-${context}` } }],
  }));
  return file;
}

describe('credentials', () => {
  it('come from inline data, or from files beside the kubeconfig', async () => {
    writeFileSync(join(folder, 'ca.crt'), 'an authority');
    writeFileSync(join(folder, 'token.txt'), 'a token\n');
    const cluster = { 'certificate-authority': 'ca.crt', 'tls-server-name': 'kube.local' };
    const files = await new CredentialSource({ kubeconfigPath: kubeconfig('files', { tokenFile: 'token.txt', as: 'somebody' }, { cluster }) }).get();
    expect(files).toMatchObject({ server: 'https://kube.test:6443', headers: { authorization: 'Bearer a token', 'impersonate-user': 'somebody' }, tls: { servername: 'kube.local' } });
    expect(String(files.tls.ca)).toBe('an authority');

    const user = { 'client-certificate-data': btoa('a certificate'), 'client-key-data': btoa('a key') };
    const inline = await new CredentialSource({ kubeconfigPath: kubeconfig('inline', user, { cluster: { 'insecure-skip-tls-verify': true } }) }).get();
    expect([inline.headers, String(inline.tls.cert), String(inline.tls.key), inline.tls.rejectUnauthorized]).toEqual([{}, 'a certificate', 'a key', false]);
    const basic = await new CredentialSource({ kubeconfigPath: kubeconfig('basic', { username: 'me', password: 'secret' }) }).get();
    expect(basic.headers).toEqual({ authorization: `Basic ${btoa('me:secret')}` });
  });

  it('come from a program that the kubeconfig names', async () => {
    const answer = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'a printed token' } });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', `console.log(${JSON.stringify(answer)})`], interactiveMode: 'Never' };
    const { server, headers } = await new CredentialSource({ kubeconfigPath: kubeconfig('exec', { exec }) }).get();
    expect({ server, headers }).toEqual({ server: 'https://kube.test:6443', headers: { authorization: 'Bearer a printed token' } });
  });

  it('are those of the context that is asked for, over several files of which the first counts', () => {
    const paths = [kubeconfig('one', { token: 'first' }), kubeconfig('two', { token: 'second' }, { server: 'https://other.test', context: 'there' })].join(delimiter);
    expect(readKubeconfig(paths)).toMatchObject({ namespace: 'bots-here', user: { token: 'first' } });
    expect(readKubeconfig(paths, 'there')).toMatchObject({ namespace: 'bots-there', cluster: { server: 'https://kube.test:6443/' }, user: { token: 'second' } });
    expect(() => readKubeconfig(paths, 'nowhere')).toThrow('kubeconfig has no context "nowhere"; it has: here, there');
  });

  it('of a pod are its service account', () => {
    const account = join(folder, 'serviceaccount');
    mkdirSync(account);
    writeFileSync(join(account, 'namespace'), 'botplane-system');
    expect(readServiceAccount({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }, account)).toEqual({
      namespace: 'botplane-system', cluster: { server: 'https://[fd00::1]:443', caFile: `${account}/ca.crt` }, user: { tokenFile: `${account}/token`, needsPlugin: false },
    });
    expect(() => readServiceAccount({})).toThrow('set KUBECONFIG');
  });
});
