import { constants, type Stats } from 'node:fs';
import { access, chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GUEST_UIDS } from '@golem-provider/contracts';
import { AppError, errorChain, isErrorCode, type Logger } from '@golem-provider/service-kit';
import { z } from 'zod';
import { KVM_ARGUMENTS, MACHINE_TYPE } from './qemu-command.ts';
import type { ProcessUser } from './qemu-identity.ts';
import { type ExitCode, runQemu } from './qemu-process.ts';

/** A small program in place of the firmware: real, protected, long and user mode, and 50 million rounds of a loop. */
export const PROBE_ROM = new URL('../../../image/kvm-probe/probe.rom.gz.b64', import.meta.url);
/** QEMU's exit status when the program has come to its end. */
const PROBE_PASSED = 85;
const DEVICE = '/dev/kvm';
/** KVM that works takes a fraction of it; where KVM itself is emulated, the loop takes minutes. */
const PROBE_TIMEOUT_MS = 2000;
const SELF_TEST_TIMEOUT_MS = 20_000;

/** How machines are executed. */
export const AccelerationFacts = z.object({
  acceleration: z.enum(['kvm', 'tcg']),
  /** Group under which QEMU must run so as to open the device; null where its own will do. */
  kvm_gid: z.int().nullable(),
  reason: z.string(),
});
export type AccelerationFacts = z.infer<typeof AccelerationFacts>;

const Remembered = AccelerationFacts.extend({ key: z.string() });

/** Who may use the device. */
export type DeviceAccess =
  { readonly usable: true; readonly kvmGid: number | null } | { readonly usable: false; readonly reason: string };

/**
 * Whether users of machines may open the device, by its mode: everyone, or a group that is not root's, which they are given
 * then. Pure.
 */
export function deviceAccess({ mode, gid }: Pick<Stats, 'mode' | 'gid'>): DeviceAccess {
  if ((mode & 0o006) === 0o006) return { usable: true, kvmGid: null };
  if ((mode & 0o060) === 0o060 && gid !== 0) return { usable: true, kvmGid: gid };
  return { usable: false, reason: `${DEVICE} is open to root only` };
}

/** The user of a machine's QEMU with what it needs for the device. */
export function withDeviceGroup(user: ProcessUser | null, { kvm_gid: gid }: AccelerationFacts): ProcessUser | null {
  return user === null || gid === null ? user : { uid: user.uid, gid };
}

/** The arguments of the probe; `romFile` is in its working directory. */
export function probeArguments(accelerator: readonly string[], romFile: string): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-machine', MACHINE_TYPE],
    ...accelerator,
    ...['-m', '16', '-bios', romFile, '-device', 'isa-debug-exit,iobase=0x501,iosize=1'],
  ];
}

/** What the search for an accelerator works with. */
export interface AccelerationDeps {
  /** A directory that the users of machines may enter. */
  readonly workDirectory: string;
  /** Where the answer is kept. */
  readonly cacheFile: string;
  /** Whether QEMU runs under users of its own. */
  readonly hasOwnUsers: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

async function accessToDevice(hasOwnUsers: boolean): Promise<DeviceAccess> {
  try {
    const stats = await stat(DEVICE);
    if (hasOwnUsers) return deviceAccess(stats);
    await access(DEVICE, constants.R_OK | constants.W_OK);
    return { usable: true, kvmGid: null };
  } catch (error) {
    const isMissing = isErrorCode(error, 'ENOENT');
    return { usable: false, reason: isMissing ? `this machine has no ${DEVICE}` : errorChain(error) };
  }
}

/** One run of the probe in a directory of its own. */
async function runProbe(
  deps: AccelerationDeps,
  accelerator: readonly string[],
  user: ProcessUser | null,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ExitCode> {
  const directory = await mkdtemp(join(deps.workDirectory, '.kvm-probe-'));
  try {
    await chmod(directory, 0o711);
    const rom = gunzipSync(Buffer.from(await readFile(PROBE_ROM, 'utf8'), 'base64'), { maxOutputLength: 1_048_576 });
    await writeFile(join(directory, 'probe.rom'), rom, { mode: 0o644 });
    const args = probeArguments(accelerator, 'probe.rom');
    return await runQemu({ args, directory, user, environment: deps.environment }, timeoutMs, signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function search(deps: AccelerationDeps, signal: AbortSignal): Promise<AccelerationFacts> {
  const device = await accessToDevice(deps.hasOwnUsers);
  if (!device.usable) return { acceleration: 'tcg', kvm_gid: null, reason: device.reason };
  const gid = device.kvmGid ?? GUEST_UIDS.last;
  const user = deps.hasOwnUsers ? { uid: GUEST_UIDS.last, gid } : null;
  const underKvm = await runProbe(deps, KVM_ARGUMENTS, user, PROBE_TIMEOUT_MS, signal);
  if (underKvm === PROBE_PASSED)
    return { acceleration: 'kvm', kvm_gid: device.kvmGid, reason: 'the probe passed under KVM' };
  const itself = await runProbe(deps, ['-accel', 'tcg'], user, SELF_TEST_TIMEOUT_MS, signal);
  const end = underKvm === null ? `it did not end in ${PROBE_TIMEOUT_MS} ms` : `it ended with ${underKvm}`;
  const doubt = itself === PROBE_PASSED ? '' : '; the probe fails without KVM too, so this says little';
  return { acceleration: 'tcg', kvm_gid: null, reason: `the probe failed under KVM: ${end}${doubt}` };
}

async function cacheKey(qemuVersion: string): Promise<string> {
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const device = await stat(DEVICE).then(
    ({ mode, uid, gid }) => `${mode.toString(8)} ${uid} ${gid}`,
    () => 'none',
  );
  return [qemuVersion, release(), bootId, device].join('|');
}

async function remembered(file: string, key: string): Promise<AccelerationFacts | undefined> {
  try {
    const answer = Remembered.parse(JSON.parse(await readFile(file, 'utf8')));
    return answer.key === key ? answer : undefined;
  } catch {
    // There is none, or none that can be used: it is found anew.
    return undefined;
  }
}

/**
 * Finds out whether machines can run under KVM: not by whether it starts, which it also does where it then crawls, but by
 * whether a small program comes to its end soon, run under the same kind of user, machine and processor as a machine. The
 * answer is kept until QEMU, the kernel, the boot or the device's rights change.
 */
export async function findAcceleration(
  deps: AccelerationDeps,
  qemuVersion: string,
  signal: AbortSignal,
): Promise<AccelerationFacts> {
  const key = await cacheKey(`${qemuVersion} ${deps.hasOwnUsers ? 'own users' : 'operator'}`);
  const known = await remembered(deps.cacheFile, key);
  if (known !== undefined) return known;
  let facts: AccelerationFacts;
  try {
    facts = await search(deps, signal);
    const draft = `${deps.cacheFile}.${process.pid}.new`;
    await writeFile(draft, JSON.stringify({ ...facts, key }), { mode: 0o600 });
    await rename(draft, deps.cacheFile);
  } catch (cause) {
    signal.throwIfAborted();
    throw new AppError('HYPERVISOR_UNAVAILABLE', 'finding out whether KVM works', { cause });
  }
  deps.logger.info({ acceleration: facts.acceleration, reason: facts.reason }, 'how guests are executed');
  return facts;
}
