import { runService } from '@botplane/kit';
import { runtimeService } from './app.module.ts';
import { loadRuntimeConfig } from './config.ts';

await runService(runtimeService(loadRuntimeConfig()));
