import type { Command } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import { doctor, type DoctorOptions } from './doctor.ts';
import {
  changePower,
  type ChangeOptions,
  createVm,
  type CreateOptions,
  deleteVm,
  listVms,
  showVm,
} from './manage-vms.ts';
import type { ApiCommandOptions } from './operator-context.ts';
import { setDrain, showAdvertisement, showJob, showResources, showStatus } from './show-state.ts';
import { sshVm } from './ssh-vm.ts';

/** Adds the options that every command which asks the API has. */
function withApi(command: Command): Command {
  return command
    .option('--json', 'show the result as JSON')
    .option('--url <url>', 'address of the API; that of this machine by default');
}

/** Adds the options of a command that changes something. */
function withWait(command: Command): Command {
  return withApi(command).option('--no-wait', 'show the job and let it go on');
}

function addVmCommands(program: Command, context: CommandContext, end: (code: number) => void): void {
  const vms = program
    .command('vms')
    .description('list and manage VMs; a VM is named by its id, or by a name that only it has');
  withApi(vms.command('list', { isDefault: true }).description('list the VMs')).action((options: ApiCommandOptions) =>
    listVms(context, options),
  );
  withApi(vms.command('show <vm>').description('show a VM')).action((vm: string, options: ApiCommandOptions) =>
    showVm(context, vm, options),
  );
  withWait(vms.command('create <name>').description('create a VM and wait until it can be logged in to'))
    .option('--size <size>', 'small, medium, large or xlarge')
    .option('--cpu <cores>', 'cores')
    .option('--memory <gib>', 'memory, GiB')
    .option('--storage <gib>', 'storage, GiB')
    .option('--image <image>', 'image, such as ubuntu:24.04')
    .option('--ssh-key <file>', 'public key that may log in; the provider makes a pair otherwise')
    .action((name: string, options: CreateOptions) => createVm(context, name, options));
  withApi(vms.command('ssh <vm> [command...]').description('log in to a VM through its public port'))
    .passThroughOptions()
    .action(async (vm: string, command: string[], options: ApiCommandOptions) =>
      end(await sshVm(context, vm, command, options)),
    );
  for (const verb of ['start', 'stop', 'restart'] as const) {
    withWait(vms.command(`${verb} <vm>`).description(`${verb} a VM`)).action((vm: string, options: ChangeOptions) =>
      changePower(context, vm, verb, options),
    );
  }
  withWait(vms.command('delete <vm>').description('delete a VM and its data for good')).action(
    (vm: string, options: ChangeOptions) => deleteVm(context, vm, options),
  );
}

/** Adds the commands that look at and manage a provider over its API. `end` takes the exit code of those that have one. */
export function addOperatorCommands(program: Command, context: CommandContext, end: (code: number) => void): void {
  program.enablePositionalOptions();
  withApi(program.command('status').description('show how the provider is')).action(
    async (options: ApiCommandOptions) => end(await showStatus(context, options)),
  );
  addVmCommands(program, context, end);
  withApi(program.command('job <id>').description('show a job')).action((id: string, options: ApiCommandOptions) =>
    showJob(context, id, options),
  );
  withApi(program.command('resources').description('show what there is, what is held and what is free')).action(
    (options: ApiCommandOptions) => showResources(context, options),
  );
  withApi(program.command('advert').description('show whether requestors can find the provider')).action(
    (options: ApiCommandOptions) => showAdvertisement(context, options),
  );
  withApi(program.command('drain').description('take no new VMs and withdraw the advertisement; VMs go on')).action(
    (options: ApiCommandOptions) => setDrain(context, true, options),
  );
  withApi(program.command('undrain').description('take new VMs again')).action((options: ApiCommandOptions) =>
    setDrain(context, false, options),
  );
  withApi(program.command('doctor').description('look at every prerequisite and say what to mend'))
    .option('--canary', 'also make a VM of the smallest size, log in to it and delete it')
    .action(async (options: DoctorOptions) => end(await doctor(context, options)));
}
