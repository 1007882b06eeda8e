import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Vm } from '@golem-provider/contracts';
import { eventually } from '@golem-provider/testing';
import { testGuestImage } from '../../../services/vm-worker/dist/testing/guest-image.js';
import { againstFloor, type BenchCase, type BenchContext } from '../bench-case.ts';
import { runProgram } from '../beds/child.ts';
import { commandLine, processesNaming } from '../beds/processes.ts';
import { type ProviderBed, prepareProvider } from '../beds/provider.ts';
import { greetingMs } from '../beds/sshd.ts';
import { createVm, deleteVm } from '../beds/vm-requests.ts';
import { summarise } from '../statistics.ts';

const ROUNDS = 3;
const BOOT_LIMIT_MS = 300_000;
const LOOK_MS = 20;

/** What a guest was started with. */
interface GuestCommand {
  readonly argv: readonly string[];
  readonly sshPort: number;
}

function commandOf({ id }: Pick<Vm, 'id'>): GuestCommand {
  const argv = processesNaming(id)
    .map(commandLine)
    .find(([program = '', option, name]) => program.includes('qemu-system') && option === '-name' && name === id);
  const sshPort = Number(/hostfwd=tcp:127\.0\.0\.1:(\d+)-/.exec(argv?.join(' ') ?? '')?.[1]);
  if (argv === undefined || !Number.isInteger(sshPort)) throw new Error(`no QEMU runs ${id}`);
  return { argv, sshPort };
}

/** Boots the guest of a command line on a disk made anew; seconds from the start of QEMU until its sshd speaks. */
async function bootByHand(
  { environment, signal }: BenchContext,
  directory: string,
  seed: string,
  { argv, sshPort }: GuestCommand,
): Promise<number> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'run'), { recursive: true });
  await copyFile(seed, join(directory, 'seed.iso'));
  const image = '../../images/debian-12/disk.qcow2';
  const overlay = ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', image, join(directory, 'disk.qcow2'), '10G'];
  await runProgram('qemu-img', overlay, { env: environment, signal });
  const [program = '', ...args] = argv;
  const began = performance.now();
  const guest = spawn(program, args, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(guest, 'exit');
  try {
    await eventually(() => greetingMs(sshPort), BOOT_LIMIT_MS, LOOK_MS);
    return (performance.now() - began) / 1000;
  } finally {
    guest.kill('SIGKILL');
    await ended;
  }
}

async function measure(context: BenchContext, bed: ProviderBed): Promise<{ ours: number[]; floor: number[] }> {
  const values: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
  const instances = join(bed.dataDirectory, 'instances');
  const seed = join(bed.dataDirectory, 'seed.iso');
  for (let round = 0; round < ROUNDS; round += 1) {
    context.tell(`round ${round + 1} of ${ROUNDS}`);
    const began = performance.now();
    const vm = await createVm(bed.gateway.baseUrl, `cold-${round}`, 'debian:12');
    values.ours.push((performance.now() - began) / 1000);
    const command = commandOf(vm);
    await copyFile(join(instances, vm.id, 'seed.iso'), seed);
    await deleteVm(bed.gateway.baseUrl, vm.id);
    values.floor.push(await bootByHand(context, join(instances, 'by-hand'), seed, command));
  }
  return values;
}

/** The creation of a real guest, against the same guest by the same command line by hand. */
export const coldStart: BenchCase = {
  name: 'cold-start',
  title: 'cold start of a QEMU guest, from request to its ssh banner through the proxy, against a bare QEMU',
  async run(context) {
    context.tell('the image of the guest, which is built when it is not there');
    const image = await testGuestImage(context.environment, context.signal);
    const bed = await prepareProvider(
      context,
      {
        GOLEM_PROVIDER_HYPERVISOR: 'qemu',
        // What a guest may reach does not matter here; packet rules of this machine are left alone.
        GOLEM_PROVIDER_GUEST_NETWORK: 'isolated',
      },
      100,
    );
    try {
      await cp(image, join(bed.dataDirectory, 'images/debian-12'), { recursive: true });
      await bed.startWorker();
      const { ours, floor } = await measure(context, bed);
      const pair = { ours: summarise(ours), floor: summarise(floor) };
      return [againstFloor('creation of a QEMU guest until its ssh banner', 's', pair, { atMost: 1.1 })];
    } finally {
      await bed.stop();
    }
  },
};
