import { loadSettings, runService } from '@golem-provider/service-kit';
import { obeyChaosOrders } from '@golem-provider/testing';
import { createService } from '../../service.ts';

// The gateway as a process of its own for tests, told by its only argument where they leave their orders.
const orders = obeyChaosOrders(process.argv[2] ?? '.', 'api-gateway');

await runService(async () => createService(loadSettings(process.env, process.cwd()), orders));
