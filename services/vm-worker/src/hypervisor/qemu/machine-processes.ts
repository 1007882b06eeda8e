import { realpath } from 'node:fs/promises';
import { GUEST_UIDS, VmId } from '@golem-provider/contracts';
import { isErrorCode, pause } from '@golem-provider/service-kit';
import { findProcesses, isProcessAlive, type ProcessRef } from './process-table.ts';
import { recogniseMachine } from './qemu-command.ts';
import { machineUuid } from './qemu-identity.ts';

const EXIT_POLL_MS = 100;

/** Finds and ends the processes of our machines. Nothing is remembered: what runs is what the kernel says. */
export interface MachineProcesses {
  /** The UUID of a machine, by which its process is known. */
  uuidOf(id: VmId): Promise<string>;
  /** All that run. */
  all(): Promise<ReadonlyMap<VmId, ProcessRef>>;
  find(id: VmId): Promise<ProcessRef | undefined>;
  /** Ends exactly this process, at once, unless it has ended. */
  kill(ref: ProcessRef): Promise<void>;
  /** Resolves with whether it has ended within that time. Rejects with the signal's reason. */
  hasExitedWithin(ref: ProcessRef, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
}

/** The processes of the machines in a directory. */
export function createMachineProcesses(instancesDirectory: string): MachineProcesses {
  // A machine is known by the directory as the kernel names it, whatever links lead there.
  const uuidOf = async (id: VmId): Promise<string> => {
    const directory = await realpath(instancesDirectory).catch((error: unknown) => {
      if (isErrorCode(error, 'ENOENT')) return instancesDirectory;
      throw error;
    });
    return machineUuid(directory, id);
  };
  const isOurUser = (uid: number): boolean =>
    uid === process.getuid?.() || (uid >= GUEST_UIDS.first && uid <= GUEST_UIDS.last);

  const all = async (): Promise<ReadonlyMap<VmId, ProcessRef>> => {
    const machines = new Map<VmId, ProcessRef>();
    for (const { pid, startTime, uid, argv } of await findProcesses((args) => recogniseMachine(args) !== undefined)) {
      const machine = recogniseMachine(argv);
      const id = VmId.safeParse(machine?.name);
      // Anybody on this host can give a process such arguments; only ours have such users.
      if (id.success && isOurUser(uid) && machine?.uuid === (await uuidOf(id.data)))
        machines.set(id.data, { pid, startTime });
    }
    return machines;
  };

  return {
    uuidOf,
    all,
    find: async (id) => (await all()).get(id),
    async kill(ref) {
      if (!(await isProcessAlive(ref))) return;
      try {
        process.kill(ref.pid, 'SIGKILL');
      } catch (error) {
        if (!isErrorCode(error, 'ESRCH')) throw error;
      }
    },
    async hasExitedWithin(ref, timeoutMs, signal) {
      const deadline = AbortSignal.timeout(timeoutMs);
      while (await isProcessAlive(ref)) {
        if (deadline.aborted) return false;
        await pause(EXIT_POLL_MS, signal);
      }
      return true;
    },
  };
}
