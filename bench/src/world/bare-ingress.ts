import { createServer } from 'node:http';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** What one would write by hand: node:http, one awaited publish, 200. No secret, no keys, no order, no message id, no bounds. */
const connection = await connect({ servers: process.env['NATS_URL'] ?? '' });
const js = jetstream(connection);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    js.publish(`bare.${(request.url ?? '').slice('/wh/'.length)}`, Buffer.concat(chunks)).then(
      () => response.end(),
      () => response.writeHead(503).end(),
    );
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
