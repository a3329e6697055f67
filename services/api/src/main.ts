import { runService } from '@botplane/kit';
import { AppModule } from './app.module.ts';
import { loadApiConfig } from './config.ts';

await runService({ name: 'api', config: loadApiConfig(), module: (kit) => AppModule.create(kit) });
