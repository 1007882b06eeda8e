import type { KILLS } from '../chaos-case.ts';
import { type Fault, type FaultScene, NOTHING_TO_END } from './fault.ts';

function death(kill: (scene: FaultScene) => Promise<void>): Fault {
  return {
    mayFail: false,
    holdMs: 0,
    async begin(scene) {
      await kill(scene);
      return NOTHING_TO_END;
    },
  };
}

/** `kill -9`; a supervisor starts each again. */
export const SERVICE_DEATHS: Readonly<Record<(typeof KILLS)[number], Fault>> = {
  'kill worker': death(({ bed }) => bed.services['vm-worker'].kill()),
  'kill gateway': death(({ bed }) => bed.services['api-gateway'].kill()),
  'kill Redis': death(({ bed }) => bed.redis.kill()),
};
