import { describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { type MachineArguments, machineArguments, recogniseMachine } from './qemu-command.ts';

const machine: MachineArguments = {
  id: VmId.parse('golem-web-20260101-000000'),
  uuid: '01234567-89ab-8cde-8f01-23456789abcd',
  spec: { cpu_cores: 2, memory_gb: 4, storage_gb: 20 },
  acceleration: 'tcg',
  guestNetwork: 'internet',
  sshPort: 40_001,
  directBoot: {
    kernel: '../../images/debian-12/vmlinuz',
    initrd: '../../images/debian-12/initrd.img',
    kernelArguments: 'root=/dev/vda1 rw',
  },
};

const after = (args: readonly string[], option: string): string[] =>
  args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []));

describe('machineArguments', () => {
  it('gives exactly the cores and the memory that were asked for', () => {
    const args = machineArguments(machine);
    expect(after(args, '-smp')).toEqual(['cpus=2,sockets=1,cores=2,threads=1']);
    expect(after(args, '-m')).toEqual(['4G']);
  });

  it.each([
    ['tcg', ['tcg,thread=multi,tb-size=256'], ['Nehalem']],
    ['kvm', ['kvm'], ['host']],
  ] as const)('runs under %s with the processor that suits it', (acceleration, accel, cpu) => {
    const args = machineArguments({ ...machine, acceleration });
    expect(after(args, '-accel')).toEqual(accel);
    expect(after(args, '-cpu')).toEqual(cpu);
  });

  it.each([
    ['internet', 'user,id=net0,ipv6=off,hostfwd=tcp:127.0.0.1:40001-:22'],
    ['isolated', 'user,id=net0,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:40001-:22'],
  ] as const)('leads the loopback to ssh, with the network %s', (guestNetwork, netdev) => {
    expect(after(machineArguments({ ...machine, guestNetwork }), '-netdev')).toEqual([netdev]);
  });

  it('loads the kernel itself under emulation, without the mitigations', () => {
    const args = machineArguments(machine);
    expect(after(args, '-kernel')).toEqual(['../../images/debian-12/vmlinuz']);
    expect(after(args, '-initrd')).toEqual(['../../images/debian-12/initrd.img']);
    expect(after(args, '-append')).toEqual(['root=/dev/vda1 rw mitigations=off']);
  });

  it.each([
    ['under KVM', { acceleration: 'kvm' }],
    ['where the image has no kernel', { directBoot: null }],
  ] as const)('boots the disk by its own loader %s', (_, change) => {
    const args = machineArguments({ ...machine, ...change });
    expect(args.filter((arg) => ['-kernel', '-initrd', '-append'].includes(arg))).toEqual([]);
    expect(args.join(' ')).not.toContain('mitigations');
  });

  it('names no absolute path, so that the user of the machine needs no way from the root', () => {
    const ours = machineArguments(machine).filter((arg) => !arg.startsWith('root='));
    expect(ours.filter((arg) => /(^|[=:])\//.test(arg))).toEqual([]);
  });

  it('confines QEMU, and keeps the console where a guest cannot fill the disk', () => {
    const args = machineArguments(machine);
    expect(after(args, '-sandbox')).toEqual([
      'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    ]);
    expect(args).toEqual(expect.arrayContaining(['-nodefaults', '-no-user-config']));
    expect(after(args, '-chardev')).toEqual(['ringbuf,id=console,size=65536']);
  });

  it('lets a guest that reboots stay up', () => {
    expect(machineArguments(machine)).not.toContain('-no-reboot');
  });
});

describe('recogniseMachine', () => {
  const args = machineArguments(machine);
  it('knows a machine by the arguments that it was started with', () => {
    expect(recogniseMachine(['qemu-system-x86_64', ...args])).toEqual({ name: machine.id, uuid: machine.uuid });
    expect(recogniseMachine(['/usr/bin/qemu-system-x86_64', ...args])).toEqual({
      name: machine.id,
      uuid: machine.uuid,
    });
  });
  it.each([
    ['nothing', []],
    ['another program with the same arguments', ['cat', ...args]],
    ['another QEMU', ['qemu-system-x86_64', '-m', '1G']],
    ['one that is cut off', ['qemu-system-x86_64', '-name', machine.id, '-uuid']],
  ])('does not take %s for one', (_, argv) => {
    expect(recogniseMachine(argv)).toBeUndefined();
  });
});
