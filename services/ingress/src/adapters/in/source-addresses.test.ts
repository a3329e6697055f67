import { describe, expect, it } from 'vitest';
import { TELEGRAM_CIDRS } from '../../domain/telegram-networks.ts';
import { SourceAddresses } from './source-addresses.ts';

const open = new SourceAddresses(undefined, []);
const direct = new SourceAddresses(TELEGRAM_CIDRS, []);
const proxied = new SourceAddresses(TELEGRAM_CIDRS, ['10.0.0.0/8', 'fd00::/8']);

describe('[P9] SourceAddresses', () => {
  it.each([
    ['anybody where nothing is set', open, '203.0.113.5', undefined, true],
    ['Telegram', direct, '149.154.167.220', undefined, true],
    ['Telegram, the last address of its range', direct, '149.154.175.255', undefined, true],
    ['Telegram over an IPv6 socket', direct, '::ffff:91.108.6.1', undefined, true],
    ['somebody next to Telegram', direct, '149.154.176.1', undefined, false],
    ['somebody else', direct, '203.0.113.5', undefined, false],
    ['somebody else who names Telegram', direct, '203.0.113.5', '149.154.167.220', false],
    ['Telegram through a trusted proxy', proxied, '10.1.2.3', '149.154.167.220', true],
    ['Telegram through two, one of them IPv6', proxied, 'fd00::1', '149.154.167.220, 10.1.2.3', true],
    ['somebody who lies to the trusted proxy', proxied, '10.1.2.3', '149.154.167.220, 203.0.113.5', false],
    ['a trusted proxy by itself', proxied, '10.1.2.3', undefined, false],
    ['Telegram past the proxy', proxied, '91.108.4.1', undefined, true],
    ['nonsense', proxied, '10.1.2.3', 'unknown', false],
    ['nobody', direct, undefined, undefined, false],
  ] as const)('%s', (_name, sources, remote, forwarded, expected) => {
    expect(sources.allows(remote, forwarded)).toBe(expected);
  });
});
