import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { Resolver } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

const TYPE_A = 1;
const TYPE_AAAA = 28;
const HEADER_BYTES = 12;

/** Answers of a name: for each question of one type the next list, and the last one for ever. */
export type Zone = Map<string, readonly (readonly string[])[]>;

/** A DNS server on loopback whose answers may change from one question to the next. */
export class DnsServer {
  readonly zone: Zone = new Map();
  private readonly asked = new Map<string, number>();
  private readonly socket: Socket = createSocket('udp4');

  async start(): Promise<void> {
    this.socket.on('message', (question, { port, address }) => this.socket.send(this.answer(question), port, address));
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
  }

  stop(): void {
    this.socket.close();
  }

  /** A resolver of this server in the shape of `dns.lookup`. */
  lookup(): (host: string, options: { all: true }, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void {
    const resolver = new Resolver({ timeout: 2_000, tries: 1 });
    resolver.setServers([`127.0.0.1:${this.socket.address().port}`]);
    return (host, _options, callback) => {
      resolver.resolve4(host, (noA, inA) => {
        resolver.resolve6(host, (noAaaa, inAaaa) => {
          const addresses = [...(noA === null ? inA : []), ...(noAaaa === null ? inAaaa : [])];
          callback(addresses.length === 0 ? noAaaa : null, addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 })));
        });
      });
    };
  }

  private answer(question: Buffer): Buffer {
    const labels: string[] = [];
    let offset = HEADER_BYTES;
    for (let length = question[offset] ?? 0; length > 0; length = question[offset] ?? 0) {
      labels.push(question.toString('latin1', offset + 1, offset + 1 + length));
      offset += length + 1;
    }
    const type = question.readUInt16BE(offset + 1);
    const questionEnd = offset + 5;
    const records = this.next(labels.join('.').toLowerCase(), type).map((address) => recordOf(type, address));
    const head = Buffer.from(question.subarray(0, questionEnd));
    head.writeUInt16BE(0x8580, 2); // A final answer without error.
    head.writeUInt16BE(records.length, 6);
    head.fill(0, 8, HEADER_BYTES);
    return Buffer.concat([head, ...records]);
  }

  private next(name: string, type: number): string[] {
    const key = `${name} ${type}`;
    const nth = this.asked.get(key) ?? 0;
    this.asked.set(key, nth + 1);
    const answers = this.zone.get(name) ?? [];
    return (answers[Math.min(nth, answers.length - 1)] ?? []).filter((address) => type === (isIPv4(address) ? TYPE_A : TYPE_AAAA));
  }
}

/** A record of the name in the question that may be kept for 0 s. */
function recordOf(type: number, address: string): Buffer {
  const data = type === TYPE_A ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === '' ? [] : right.split(':');
  const words = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return Buffer.from(words.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]));
}
