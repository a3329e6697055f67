import { runService } from '@botplane/kit';
import { ingressService } from './app.module.ts';
import { loadIngressConfig } from './config.ts';

await runService(ingressService(loadIngressConfig()));
