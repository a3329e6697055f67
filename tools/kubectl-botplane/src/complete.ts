import { complete } from './completion.ts';
import { loadConfig } from './config.ts';

for (const line of await complete(process.argv.slice(2), loadConfig().kubeconfig)) process.stdout.write(`${line}\n`);
