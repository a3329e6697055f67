import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Prometheus } from './prometheus.ts';
import type { QueryAnswer } from './prometheus.ts';

const ANSWERS: Record<string, [number, string]> = {
  scalar: [200, '{"data":{"resultType":"scalar","result":[1,"0.25"]}}'],
  one: [200, '{"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"7"]}]}}'],
  none: [200, '{"data":{"resultType":"vector","result":[]}}'],
  nan: [200, '{"data":{"resultType":"scalar","result":[1,"NaN"]}}'],
  infinity: [200, '{"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"+Inf"]}]}}'],
  'minus infinity': [200, '{"data":{"resultType":"scalar","result":[1,"-Inf"]}}'],
  nothing: [200, '{"data":{"resultType":"scalar","result":[1,""]}}'],
  'a number of JSON': [200, '{"data":{"resultType":"scalar","result":[1,0]}}'],
  'a range': [200, '{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]]}]}}'],
  wrong: [400, '{"error":"parse error"}'],
  html: [200, '<html>'],
  huge: [200, 'x'.repeat(100_000)],
};
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const query = new URLSearchParams(body).get('query') ?? '';
    if (query === 'silent') return;
    if (query === 'half') return void response.write('{"data":{"resultType":"scalar",');
    const [status, text] = ANSWERS[query] ?? [404, ''];
    response.writeHead(status).end(text);
  });
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it.each<[string, QueryAnswer]>([
  ['scalar', { value: 0.25 }], ['one', { value: 7 }], ['none', { problem: 'the query gives 0 series, not one' }], ...['nan', 'infinity', 'minus infinity', 'nothing', 'a number of JSON'].map((query): [string, QueryAnswer] => [query, { problem: 'the query gives no finite number' }]),
  ['a range', { problem: 'the query gives no number' }],
  ['wrong', { problem: 'Prometheus answered 400: parse error' }], ['html', { problem: 'Prometheus does not answer' }], ['huge', { problem: 'Prometheus answered more than fits one number' }],
])('[P7] a query that gives %s', async (query, answer) => {
  expect(await new Prometheus(url).query(query)).toEqual(answer);
});

it.each(['silent', 'half'])('[P7] has no answer from a Prometheus that stalls (%s)', async (query) => {
  expect(await new Prometheus(url, 200).query(query)).toEqual({ problem: 'Prometheus does not answer' });
});

it('[P7] has no answer without a Prometheus, and when it is away', async () => {
  expect(await new Prometheus(undefined).query('one')).toEqual({ problem: 'the install names no Prometheus (BOTPLANE_PROMETHEUS_URL)' });
  expect(await new Prometheus('http://127.0.0.1:1').query('one')).toEqual({ problem: 'Prometheus does not answer' });
});
