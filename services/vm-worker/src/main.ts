import { runService } from '@golem-provider/service-kit';
import { createWorkerService } from './service.ts';

await runService(
  () =>
    createWorkerService({
      environment: process.env,
      directory: process.cwd(),
      isTerminal: process.stdout.isTTY,
      pid: process.pid,
    }),
  { compilesHotCode: true },
);
