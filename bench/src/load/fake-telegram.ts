import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a bot called. */
export interface FakeCall {
  chatId: number;
  /** The text of a message, or the id of the query that is answered. */
  text: string;
}

/** A Bot API that takes calls at once. */
export class FakeTelegram {
  private readonly server: Server;
  private messageId = 0;

  /** `onCall` returns the retry_after in seconds of a call that is refused; 0: it is done. */
  constructor(onCall: (call: FakeCall) => number) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { text = '', chat_id: chatId = 0, pre_checkout_query_id: query } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { text?: string; chat_id?: number; pre_checkout_query_id?: string };
        const retryAfterS = onCall({ chatId, text: query ?? text });
        const body = retryAfterS > 0 ? refusal(retryAfterS) : `{"ok":true,"result":{"message_id":${++this.messageId},"date":1700000000,"chat":{"id":${chatId},"type":"private"},"text":${JSON.stringify(text)}}}`;
        response.writeHead(retryAfterS > 0 ? 429 : 200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
        response.end(body);
      });
    });
    this.server.keepAliveTimeout = 60_000;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const refusal = (retryAfterS: number): string => `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after ${retryAfterS}","parameters":{"retry_after":${retryAfterS}}}`;
