import type { Command } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import { doctor, type DoctorOptions } from './doctor.ts';
import type { ChangeOptions } from './finish-job.ts';
import { type JobListOptions, listJobs, showJob, watchJob } from './jobs.ts';
import {
  changePower,
  createVm,
  type CreateOptions,
  deleteVm,
  listVms,
  resizeVm,
  showVm,
  type SizeOptions,
} from './manage-vms.ts';
import type { ApiCommandOptions } from './operator-context.ts';
import { RECOVER_ACTIONS, recoverVm, type RecoverOptions } from './recover-vm.ts';
import { showEvents } from './show-events.ts';
import { setDrain, showAdvertisement, showResources, showStatus } from './show-state.ts';
import { sshVm } from './ssh-vm.ts';
import { addKey, listKeys, removeKey } from './vm-keys.ts';

/** Adds the option that says which API is asked. */
function withUrl(command: Command): Command {
  return command.option('--url <url>', 'address of the API; that of this machine by default');
}

/** Adds the options of a command that asks the API and shows what it says. */
function withApi(command: Command): Command {
  return withUrl(command).option('--json', 'show the result as JSON');
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
  withUrl(vms.command('ssh <vm> [command...]').description('log in to a VM through its public port'))
    .passThroughOptions()
    .action(async (vm: string, command: string[], options: ApiCommandOptions) =>
      end(await sshVm(context, vm, command, options)),
    );
  for (const verb of ['start', 'stop', 'restart'] as const) {
    withWait(vms.command(`${verb} <vm>`).description(`${verb} a VM`)).action((vm: string, options: ChangeOptions) =>
      changePower(context, vm, verb, options),
    );
  }
  withWait(vms.command('resize <vm>').description('give a stopped VM another size; storage only grows'))
    .option('--cpu <cores>', 'cores')
    .option('--memory <gib>', 'memory, GiB')
    .option('--storage <gib>', 'storage, GiB')
    .action((vm: string, options: SizeOptions) => resizeVm(context, vm, options));
  withWait(vms.command('delete <vm>').description('delete a VM and its data for good')).action(
    (vm: string, options: ChangeOptions) => deleteVm(context, vm, options),
  );
  addRecoverCommand(vms, context);
  addKeyCommands(vms, context);
}

/** What each action does, in a line of the help. */
const RECOVER_HELP: Readonly<Record<(typeof RECOVER_ACTIONS)[number], string>> = {
  retry: 'bring about what the VM should be, once more',
  adopt: 'take the machine as it is, on or off',
  recreate: 'make a new, empty machine with the same size, keys and port',
  delete: 'delete the VM and its data for good',
};

function addRecoverCommand(vms: Command, context: CommandContext): void {
  const recover = withWait(vms.command('recover <vm>').description('decide about a VM that needs a person'));
  for (const action of RECOVER_ACTIONS) recover.option(`--${action}`, RECOVER_HELP[action]);
  recover.action((vm: string, options: RecoverOptions) => recoverVm(context, vm, options));
}

function addKeyCommands(vms: Command, context: CommandContext): void {
  const keys = vms.command('keys').description('list and change the keys of a VM beside its first one');
  withApi(keys.command('list <vm>', { isDefault: true }).description('list them')).action(
    (vm: string, options: ApiCommandOptions) => listKeys(context, vm, options),
  );
  withWait(keys.command('add <vm> <name> <file>').description('let the public key in a file log in')).action(
    (vm: string, name: string, file: string, options: ChangeOptions) => addKey(context, vm, { name, file }, options),
  );
  withWait(keys.command('remove <vm> <name>').description('withdraw a key')).action(
    (vm: string, name: string, options: ChangeOptions) => removeKey(context, vm, name, options),
  );
}

function addJobCommands(program: Command, context: CommandContext): void {
  const jobs = program.command('jobs').description('list and follow what is and was done to VMs');
  withApi(jobs.command('list', { isDefault: true }).description('list the jobs of the last seven days, newest first'))
    .option('--status <status>', 'only those, such as failed')
    .option('--vm <vm>', 'only those of a VM')
    .option('--limit <count>', 'at most so many; 50 by default')
    .action((options: JobListOptions) => listJobs(context, options));
  withApi(jobs.command('show <job>').description('show a job and its phases')).action(
    (job: string, options: ApiCommandOptions) => showJob(context, job, options),
  );
  withApi(jobs.command('watch <job>').description('follow a job to its end')).action(
    (job: string, options: ApiCommandOptions) => watchJob(context, job, options),
  );
}

/** Adds the commands that look at and manage a provider over its API. `end` takes the exit code of those that have one. */
export function addOperatorCommands(program: Command, context: CommandContext, end: (code: number) => void): void {
  program.enablePositionalOptions();
  withApi(program.command('status').description('show how the provider is')).action(
    async (options: ApiCommandOptions) => end(await showStatus(context, options)),
  );
  addVmCommands(program, context, end);
  addJobCommands(program, context);
  withUrl(program.command('events').description('write a line for each change of a VM or a job, as it happens'))
    .option('--json', 'one JSON object a line')
    .action((options: ApiCommandOptions) => showEvents(context, options));
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
