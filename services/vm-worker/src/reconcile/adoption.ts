import { AppError } from '@golem-provider/service-kit';
import { missingMachine } from './interruption.ts';
import type { Observed, StepName } from './plan.ts';

/** How a machine is taken as it is: what the VM should be from now on, and what must be done to the proxy for that. */
export interface Adoption {
  readonly desired: 'running' | 'stopped';
  readonly steps: readonly StepName[];
}

/**
 * The adoption of what was seen. Pure. The machine itself is left alone; whether its guest answers is not asked.
 *
 * @throws AppError `VM_INTERRUPTED` when there is no machine, `HYPERVISOR_UNAVAILABLE` when nothing can be told of it.
 */
export function planAdoption({ power, forward }: Pick<Observed, 'power' | 'forward'>): Adoption {
  switch (power) {
    case 'running':
    case 'starting':
    case 'preparing':
      return { desired: 'running', steps: ['forward_port'] };
    case 'stopped':
    case 'stopping':
    case 'suspended':
      return { desired: 'stopped', steps: forward === undefined ? [] : ['close_port'] };
    case 'absent':
      throw missingMachine('adopting a machine');
    case 'unknown':
      throw new AppError('HYPERVISOR_UNAVAILABLE', 'adopting a machine: its state cannot be told', {
        publicDetail: 'The hypervisor cannot tell the state of the machine.',
      });
  }
}
