import { createServer } from 'node:http';
import { answerQuote } from './quote.ts';

/** The shop's quote server, which bots of the local environment reach as shop.example. */
const port = Number(process.env['PORT'] ?? 0);
const host = process.env['HOST'] ?? '127.0.0.1';

const server = createServer((request, response) => {
  const { status, body } = answerQuote(request.method ?? 'GET', request.url ?? '/');
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  console.log(JSON.stringify({ time: new Date().toISOString(), method: request.method, url: request.url, status }));
});
server.listen(port, host);
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
