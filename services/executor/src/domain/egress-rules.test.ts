import { describe, expect, it } from 'vitest';
import { allowedTarget, fillHeaders, isPublicUnicast } from './egress-rules.ts';

const ALLOWED = ['api.example', '*.wild.example', 'port.example:8443', 'ALSO.Example'];

describe('allowedTarget', () => {
  it.each([
    ['https://api.example/x?y=1', 'api.example', 443],
    ['https://API.EXAMPLE:443/', 'api.example', 443],
    ['https://also.example/', 'also.example', 443],
    ['https://a.wild.example/', 'a.wild.example', 443],
    ['https://a.b.wild.example/', 'a.b.wild.example', 443],
    ['https://port.example:8443/', 'port.example', 8443],
  ])('lets %s through', (url, host, port) => {
    expect(allowedTarget(url, ALLOWED)).toEqual({ host, port });
  });

  it.each([
    'http://api.example/', 'ftp://api.example/', 'file:///etc/passwd', 'gopher://api.example/', 'javascript:alert(1)', 'data:text/plain,x', '//api.example/', 'api.example', '',
    'https://wild.example/', 'https://evilwild.example/', 'https://wild.example.evil.org/', 'https://api.example.evil.org/', 'https://xapi.example/',
    'https://api.example:444/', 'https://port.example/', 'https://port.example:443/', 'https://a.wild.example:8443/',
    'https://api.example@evil.org/', 'https://user@api.example/', 'https://user:pass@api.example/', 'https://evil.org#@api.example/', 'https://evil.org/?api.example', 'https://evil.org\\@api.example/', 'https://evil.org%2f@api.example/',
    'https://api.example./', 'https://api.example%00.evil.org/', 'https://api.example%2eevil.org/', 'https://аpi.example/', 'https://api。evil.org/',
    'https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://0177.0.0.1/', 'https://0x7f.1/', 'https://0/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://[::]/',
    'https://169.254.169.254/latest/meta-data/', 'https://[fd00:ec2::254]/', 'https://①②⑦.⓪.⓪.①/', 'https://localhost/', 'https://kubernetes.default.svc/', 'https://metadata.google.internal/', 'https://127.0.0.1.nip.io/',
  ])('denies %s', (url) => {
    expect(allowedTarget(url, ALLOWED)).toBeUndefined();
  });

  it.each(['https://127.0.0.1/', 'https://[::1]/', 'https://0x7f.1/', 'https://localhost/'])('denies %s even when a list names it', (url) => {
    expect(allowedTarget(url, ['127.0.0.1', '[::1]', '::1', 'localhost', '*.1', '*'])).toBeUndefined();
  });
});

describe('isPublicUnicast', () => {
  it.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001:81b::200e'])('takes %s for public', (address) => {
    expect(isPublicUnicast(address)).toBe(true);
  });

  it.each([
    '0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '100.100.100.200', '192.0.0.192', '192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.9',
    '192.88.99.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '168.63.129.16',
    '::', '::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001:0:7f00:1::', '2001:db8::1', '2001:10::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '100::1', '3fff::1', '5f00::1',
    '', 'localhost', '127.1', '0x7f.1', '1.1.1.1.1', '999.1.1.1',
  ])('takes %s for not public', (address) => {
    expect(isPublicUnicast(address)).toBe(false);
  });
});

describe('fillHeaders', () => {
  it('fills secrets in and names the headers that hold one', () => {
    expect(fillHeaders({ Authorization: 'Bearer {{secret.KEY}}', 'X-Plain': 'a' }, { KEY: 's3' })).toEqual({ headers: { authorization: 'Bearer s3', 'x-plain': 'a' }, secretNames: ['authorization'] });
  });

  it.each([
    [{ a: '{{secret.MISSING}}' }], [{ a: '{{secret.constructor}}' }], [{ Host: 'evil.org' }], [{ 'Content-Length': '1' }], [{ 'Transfer-Encoding': 'chunked' }], [{ Connection: 'upgrade' }],
    [{ 'Proxy-Authorization': 'x' }], [{ 'Idempotency-Key': 'mine' }], [{ 'a b': 'x' }], [{ 'a\r\nx': 'y' }], [{ a: 'x\r\nHost: evil.org' }], [{ a: 'x\u0000' }], [{ '': 'x' }],
  ])('refuses %j', (headers) => {
    expect(fillHeaders(headers, { KEY: 's3' })).toBeUndefined();
  });

  it('refuses a secret that would break out of its header', () => {
    expect(fillHeaders({ a: '{{secret.KEY}}' }, { KEY: 'x\r\nHost: evil.org' })).toBeUndefined();
  });
});
