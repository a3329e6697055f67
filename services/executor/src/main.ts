import { runService } from '@botplane/kit';
import { makeModule } from './app.module.ts';
import { readConfig } from './config.ts';

await runService({ name: 'executor', config: readConfig(), module: makeModule });
