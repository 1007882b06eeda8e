import type { GuestNetwork, VmId, VmSpec } from '@golem-provider/contracts';
import { INSTANCE_FILES } from './instance-files.ts';
import { machineMac } from './qemu-identity.ts';

/** The program that runs machines. */
export const QEMU_PROGRAM = 'qemu-system-x86_64';

/** How the guest's instructions are executed. */
export type Acceleration = 'kvm' | 'tcg';

/** The machine type, the same for all machines and for the probe of KVM. */
export const MACHINE_TYPE = 'q35';
/** Arguments that give the accelerator and the processor of a machine under KVM, the same in the probe. */
export const KVM_ARGUMENTS: readonly string[] = ['-accel', 'kvm', '-cpu', 'host'];
// A processor of 2008: guests find few features to try out, and the ones that are dear to emulate are missing. Without a
// bound, the buffer of translated code takes up to 1 GiB for each machine.
const TCG_ARGUMENTS: readonly string[] = ['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'Nehalem'];

/** Bytes of serial output that QEMU keeps for us to fetch, a power of two. */
export const CONSOLE_BYTES = 65_536;
/** Name of the console's buffer in QMP. */
export const CONSOLE_CHARDEV = 'console';

/** A kernel that QEMU loads itself. Paths as seen from the machine's directory. */
export interface DirectBoot {
  readonly kernel: string;
  readonly initrd: string | undefined;
  readonly kernelArguments: string;
}

/** All that the command line of a machine depends on. */
export interface MachineArguments {
  readonly id: VmId;
  readonly uuid: string;
  readonly spec: VmSpec;
  readonly acceleration: Acceleration;
  readonly guestNetwork: GuestNetwork;
  readonly sshPort: number;
  /** What the image has for this; null: its disk boots by BIOS. */
  readonly directBoot: DirectBoot | null;
}

/**
 * The kernel is loaded directly only under emulation, where firmware and boot loader cost some ten seconds; elsewhere the
 * disk's own kernel is started, so that the guest's owner can update it.
 */
function bootArguments({ acceleration, directBoot }: MachineArguments): string[] {
  if (acceleration === 'kvm' || directBoot === null) return [];
  const { kernel, initrd, kernelArguments } = directBoot;
  // Under emulation the kernel's mitigations double the time of a boot and protect the guest from nobody but itself.
  const append = `${kernelArguments} mitigations=off`.trim();
  return ['-kernel', kernel, ...(initrd === undefined ? [] : ['-initrd', initrd]), '-append', append];
}

/**
 * The user-mode network of a machine. Always one way in, from the host's loopback to the guest's ssh port. `isolated`: QEMU
 * itself lets nothing out; otherwise the packet rules for the machine's user decide. No IPv6: the network would offer a
 * site-local prefix that leads nowhere but to the host.
 */
function netdev({ guestNetwork, sshPort }: MachineArguments): string {
  const restrict = guestNetwork === 'isolated' ? ',restrict=on' : '';
  return `user,id=net0,ipv6=off${restrict},hostfwd=tcp:127.0.0.1:${sshPort}-:22`;
}

/**
 * The arguments of QEMU for a machine. File names are relative to the machine's directory, in which QEMU is started: so it
 * needs no right to walk there from the root. Pure.
 *
 * The serial console goes to a ring in QEMU's memory, as a guest could fill the disk through a file.
 */
export function machineArguments(machine: MachineArguments): string[] {
  const { id, uuid, spec } = machine;
  const disk = `file=${INSTANCE_FILES.disk},if=none,id=disk0,format=qcow2,discard=unmap,detect-zeroes=unmap`;
  const seed = `file=${INSTANCE_FILES.seed},if=none,id=seed0,format=raw,readonly=on`;
  return [
    ...['-name', id, '-uuid', uuid],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-machine', MACHINE_TYPE],
    ...(machine.acceleration === 'kvm' ? KVM_ARGUMENTS : TCG_ARGUMENTS),
    ...['-smp', `cpus=${spec.cpu_cores},sockets=1,cores=${spec.cpu_cores},threads=1`],
    ...['-m', `${spec.memory_gb}G`],
    ...['-drive', disk, '-device', 'virtio-blk-pci,drive=disk0,bootindex=1'],
    ...['-drive', seed, '-device', 'virtio-blk-pci,drive=seed0'],
    ...['-netdev', netdev(machine), '-device', `virtio-net-pci,netdev=net0,mac=${machineMac(id)},romfile=`],
    ...['-device', 'virtio-rng-pci'],
    ...['-chardev', `ringbuf,id=${CONSOLE_CHARDEV},size=${CONSOLE_BYTES}`, '-serial', `chardev:${CONSOLE_CHARDEV}`],
    ...['-qmp', `unix:${INSTANCE_FILES.run}/${INSTANCE_FILES.qmpSocket},server=on,wait=off`],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...bootArguments(machine),
  ];
}

/** What a process of ours says of itself by its arguments; undefined for any other process. */
export function recogniseMachine(
  argv: readonly string[],
): { readonly name: string; readonly uuid: string } | undefined {
  if (argv[0]?.split('/').at(-1) !== QEMU_PROGRAM || argv[1] !== '-name' || argv[3] !== '-uuid') return undefined;
  const name = argv[2];
  const uuid = argv[4];
  return name === undefined || uuid === undefined ? undefined : { name, uuid };
}
