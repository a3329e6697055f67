/** Where an attacker wants to go: this machine, the metadata service of clouds, the inside of a cluster. */
const TARGETS = ['127.0.0.1', '169.254.169.254', '10.96.0.1'] as const;

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
const wide = (text: string): string => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const circled = (text: string): string => text.replace(/\d/g, (digit) => (digit === '0' ? '\u24ea' : String.fromCodePoint(0x2460 + Number(digit) - 1)));
const percent = (text: string): string => text.replace(/[^]/g, (char) => `%${hex(char.charCodeAt(0))}`);

/** An IPv4 address in every notation that some parser takes. */
function notationsOf(address: string): string[] {
  const bytes = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const words = `${hex(a)}${hex(b)}:${hex(c)}${hex(d)}`;
  return [
    address, `${address}.`, String(number), `0x${number.toString(16)}`, `0${number.toString(8)}`, String(number + 2 ** 32),
    bytes.map((byte) => `0x${hex(byte)}`).join('.'), bytes.map((byte) => `0${byte.toString(8)}`).join('.'), bytes.map((byte) => `000000${byte.toString(8)}`).join('.'), `0x${hex(a)}.${b}.0${c.toString(8)}.${d}`,
    `${a}.${(b * 256 + c) * 256 + d}`, `${a}.${b}.${c * 256 + d}`, `0x${hex(a)}.${(b * 256 + c) * 256 + d}`,
    wide(address), circled(address), address.replaceAll('.', '\u3002'), address.replaceAll('.', '\uff0e'), address.replaceAll('.', '\uff61'), percent(address), address.replaceAll('.', '%2e'),
    `[::ffff:${address}]`, `[::ffff:${words}]`, `[0:0:0:0:0:ffff:${words}]`, `[::${address}]`, `[::${words}]`, `[64:ff9b::${words}]`, `[64:ff9b:1::${words}]`, `[2002:${words}::]`, `[2001:0:${words}::1]`, `[fe80::5efe:${words}]`, `[::ffff:0:${words}]`,
  ];
}

/** Hosts that are an address, or a name that machines know without DNS. The guard must refuse each even when the allow-list names it. */
export const LITERAL_HOSTS: readonly string[] = [
  ...TARGETS.flatMap(notationsOf),
  '0', '0.0.0.0', '127.1', '127.255.255.254', '127.0.0.1%00.api.example', '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::1%25lo]', '[::1%lo]', '[fe80::1%25eth0]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[::ffff:0.0.0.0]',
  'localhost', 'LOCALHOST', 'localhost.', 'lo\u017fcalhost', '\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3', 'kubernetes', 'metadata', '100.100.100.200', '192.168.0.1', '255.255.255.255', '168.63.129.16',
];

/** URLs that look as if they led to api.example; `@` and friends make them lead elsewhere. PORT is the listener's. */
export const MISLEADING_URLS: readonly string[] = [
  'https://api.example@127.0.0.1:PORT/', 'https://api.example:443@127.0.0.1:PORT/', 'https://user:api.example@127.0.0.1:PORT/', 'https://api.example%40127.0.0.1:PORT/', 'https://127.0.0.1:PORT@api.example/', 'https://127.0.0.1:PORT#@api.example/', 'https://127.0.0.1:PORT?@api.example/',
  'https://127.0.0.1:PORT\\@api.example/', 'https:\\\\127.0.0.1:PORT\\', 'https:127.0.0.1:PORT/', 'https:/127.0.0.1:PORT/', 'https:///127.0.0.1:PORT/', 'https://\t127.0.0.1:PORT/', 'ht\ntps://127.0.0.1:PORT/', 'https://api.example\r\n@127.0.0.1:PORT/', 'https://api.example%0d%0aHost:127.0.0.1:PORT/',
  'http://127.0.0.1:PORT/', 'http://api.example:PORT/', 'ftp://127.0.0.1:PORT/', 'gopher://127.0.0.1:PORT/_GET', 'file://127.0.0.1/etc/passwd', 'file:///etc/passwd', 'dict://127.0.0.1:PORT/', 'ws://127.0.0.1:PORT/', 'wss://127.0.0.1:PORT/', 'unix:/var/run/docker.sock', 'data:application/json,{}', 'blob:https://127.0.0.1:PORT/x', 'view-source:https://127.0.0.1:PORT/',
  '//127.0.0.1:PORT/', '127.0.0.1:PORT', '/etc/passwd', '', 'https://', 'https://:PORT/', 'https://.:PORT/', 'https://api.example:65536/', 'https://api.example:-1/', 'https://api.example.:PORT/', 'https://api.example.127.0.0.1:PORT/',
];

/** URLs whose host is a name after all, though it looks otherwise: DNS decides, and here it knows none of them. */
export const NAMED_URLS: readonly string[] = ['https://api.example\\@127.0.0.1:PORT/', 'https://\u0430pi.example:PORT/', 'https://127.0.0.1.api.example:PORT/', 'https://api.example/https://127.0.0.1:PORT/', 'https://api.example?@127.0.0.1:PORT/', 'https://api.example#@127.0.0.1:PORT/'];

/** Addresses in answers of DNS that an allowed name must not lead to. */
export const PRIVATE_A: readonly string[] = [
  '127.0.0.1', '127.0.0.2', '127.255.255.254', '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.96.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '169.254.170.2', '100.64.0.1', '100.100.100.200', '192.0.0.192', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '168.63.129.16',
];
export const PRIVATE_AAAA: readonly string[] = [
  '::', '::1', '::7f00:1', '::ffff:7f00:1', '::ffff:a9fe:a9fe', '::ffff:0:7f00:1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2002:a9fe:a9fe::', '2001:0:7f00:1::', '2001:db8::1', 'fc00::1', 'fd00:ec2::254', 'fd20:ce::254', 'fe80::1', 'fe80::5efe:7f00:1', 'fec0::1', 'ff02::1', '100::1',
];

/** What the system's resolver may hand out beside plain addresses. */
export const ODD_ADDRESSES: readonly string[] = ['fe80::1%lo', '::1%1', '127.1', '0x7f.0.0.1', '2130706433', 'localhost', '', '[::1]', '127.0.0.1:80', ' 127.0.0.1', '::ffff:127.0.0.1', '::127.0.0.1', '64:ff9b::127.0.0.1'];
