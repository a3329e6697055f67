import { createServer } from 'node:http';
import { loadConfig } from './config.ts';
import { startLocalNode } from './local-node.ts';

/** local-node: a Kubernetes node that runs the pods of known images as processes on loopback addresses. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  let isReady = false;
  const health = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' || isReady ? 200 : 503).end();
  });
  health.listen(config.PORT, config.HOST);

  const node = await startLocalNode(config);
  isReady = true;
  console.log(`node ${config.NODE_NAME} is ready on ${config.NODE_ADDRESS}`);
  const shutdown = async (): Promise<void> => {
    isReady = false;
    await node.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutdown());
}

await main();
