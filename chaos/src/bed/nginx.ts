import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf, isAlive, signal, untilTrue } from './processes.ts';

/** The private nginx of the provider, as others may handle it. */
export interface ChaosNginx {
  /** `kill -9` of all its processes; nothing happens where none runs. */
  kill(): Promise<void>;
  /** `kill -9` of its master alone: what serves goes on for a while. */
  killMaster(): Promise<void>;
  /** Whether there is a master: what serves without one takes no change any more. */
  hasMaster(): boolean;
  /** Whether a VM has a file. */
  hasFile(vmId: string): boolean;
  /** Makes the file of a VM one that nobody can read, whoever it is. */
  spoilFile(vmId: string): void;
}

const DEATH_LIMIT_MS = 10_000;

/** The nginx whose files are in `prefix`. */
export function createNginx(prefix: string): ChaosNginx {
  const master = (): number | undefined => {
    try {
      const pid = Number(readFileSync(join(prefix, 'nginx.pid'), 'utf8'));
      return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
    } catch {
      // It was never started, or has ended.
      return undefined;
    }
  };
  const fileOf = (vmId: string): string => join(prefix, 'vms', `vm_${vmId}.conf`);
  const end = async (pids: readonly number[]): Promise<void> => {
    for (const pid of pids) signal(pid, 'SIGKILL');
    await untilTrue(() => !pids.some(isAlive), DEATH_LIMIT_MS);
  };
  return {
    async kill() {
      const pid = master();
      if (pid !== undefined) await end([pid, ...childrenOf(pid)]);
    },
    async killMaster() {
      const pid = master();
      if (pid !== undefined) await end([pid]);
    },
    hasMaster: () => master() !== undefined,
    hasFile: (vmId) => existsSync(fileOf(vmId)),
    spoilFile(vmId) {
      const file = fileOf(vmId);
      rmSync(file, { force: true });
      // A link that leads to itself: reading it fails for root too, whom no mode holds up.
      symlinkSync(file, file);
    },
  };
}
