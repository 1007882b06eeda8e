import { loadSettings, runService } from '@golem-provider/service-kit';
import { createService } from './service.ts';

await runService(() => createService(loadSettings(process.env, process.cwd()), process.env, process.stdout.isTTY));
