import { loadSettings, runService } from '@golem-provider/service-kit';
import { createService } from './service.ts';

await runService(async () => createService(loadSettings(process.env, process.cwd())), { compilesHotCode: true });
