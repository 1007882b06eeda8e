import type { FaultName } from '../chaos-case.ts';
import { HOST_FAULTS } from './break-host.ts';
import { HYPERVISOR_FAULTS } from './break-hypervisor.ts';
import { NGINX_FAULTS } from './break-nginx.ts';
import { REDIS_FAULTS } from './break-redis.ts';
import type { Fault } from './fault.ts';
import { SERVICE_DEATHS } from './kill-services.ts';

/** Everything that can go wrong, by its name. */
export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  ...SERVICE_DEATHS,
  ...NGINX_FAULTS,
  ...HYPERVISOR_FAULTS,
  ...HOST_FAULTS,
  ...REDIS_FAULTS,
};
