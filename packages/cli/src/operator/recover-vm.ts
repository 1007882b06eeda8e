import { RecoverVmRequest } from '@golem-provider/contracts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { type ChangeOptions, finish } from './finish-job.ts';
import { mustFindVm } from './manage-vms.ts';
import { operatorContext } from './operator-context.ts';

type RecoverAction = RecoverVmRequest['action'];

/** What can be done about a VM that needs a person; each is an option of `vms recover`. */
export const RECOVER_ACTIONS = RecoverVmRequest.shape.action.options;

/** What `vms recover` is given on the command line. */
export type RecoverOptions = ChangeOptions & Readonly<Partial<Record<RecoverAction, boolean>>>;

/** The one action that was chosen; what to do to a VM is never guessed. */
export function chosenAction(options: RecoverOptions): RecoverAction {
  const [action, ...others] = RECOVER_ACTIONS.filter((name) => options[name] === true);
  if (action !== undefined && others.length === 0) return action;
  const names = RECOVER_ACTIONS.map((name) => `--${name}`).join(', ');
  throw new CommandError(`vms recover takes exactly one of ${names}.`, EXIT_CODES.usage);
}

/** Does to a VM that needs a person what the operator has decided. */
export async function recoverVm(context: CommandContext, reference: string, options: RecoverOptions): Promise<void> {
  const action = chosenAction(options);
  const operator = operatorContext(context, options);
  const { id } = await mustFindVm(operator, reference);
  const job = await operator.api.recoverVm(id, action);
  if (job !== undefined && !(await finish(context, operator, job, options))) return;
  if (action === 'delete') {
    operator.show({ id, status: 'deleted' }, `${id} is deleted.\n`);
    return;
  }
  const vm = await operator.api.getVm(id);
  operator.show(vm, `${id} is ${vm.status}.\n`);
}
