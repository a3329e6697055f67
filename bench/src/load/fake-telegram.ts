import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A Bot API that takes every call at once and tells what its text said. */
export class FakeTelegram {
  private readonly server: Server;
  private messageId = 0;

  constructor(onText: (text: string) => void) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { text, chat_id: id } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { text: string; chat_id: number };
        onText(text);
        const body = `{"ok":true,"result":{"message_id":${++this.messageId},"date":1700000000,"chat":{"id":${id},"type":"private"},"text":${JSON.stringify(text)}}}`;
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
        response.end(body);
      });
    });
    this.server.keepAliveTimeout = 60_000;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }
}
