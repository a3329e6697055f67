import { createServer } from 'node:http';
import { answerShop } from './quote.ts';

/** The shop's server, which bots of the local environment reach as shop.example. */
const port = Number(process.env['PORT'] ?? 0);
const host = process.env['HOST'] ?? '127.0.0.1';

const server = createServer((request, response) => {
  const { method = 'GET', url = '/', headers } = request;
  request.resume();
  const { status, body } = answerShop({ method, url, authorization: headers.authorization, idempotencyKey: headers['idempotency-key']?.toString() });
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  console.log(JSON.stringify({ time: new Date().toISOString(), method, url, status }));
});
server.listen(port, host);
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
