import { closeRedis, createLogger, loadSettings } from '@golem-provider/service-kit';
import { producerRedis, redisUrl } from '@golem-provider/service-kit/redis';
import { z } from 'zod';
import { createReportStore } from '../reports.ts';

// Whether a service has reported lately: `main.js worker|monitor|advertiser`. For the health checks of containers, where no
// program is at hand that could ask for more. Exit code 0 or 1.

const Reporter = z.enum(['worker', 'monitor', 'advertiser']);

const settings = loadSettings(process.env, process.cwd());
const redis = producerRedis(redisUrl(settings), createLogger({ name: 'health', level: 'silent', pretty: false }));
try {
  const service = Reporter.parse(process.argv[2]);
  const state = await createReportStore(redis, settings.HOST_ID)[service].read();
  const verdict = state === undefined ? 'has never reported' : state.isFresh ? 'reports' : 'is silent';
  process.stdout.write(`${service} ${verdict}\n`);
  process.exitCode = state?.isFresh === true ? 0 : 1;
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
} finally {
  closeRedis(redis);
}
