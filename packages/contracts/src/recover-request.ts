import { z } from 'zod';

/**
 * What is done about a VM that needs a person. `retry`: brings about what it should be once more. `adopt`: takes the machine
 * as it is. `recreate`: a new, empty machine with the same size, keys and port. `delete`: removes the VM.
 */
const RecoverAction = z
  .enum(['retry', 'adopt', 'recreate', 'delete'])
  .describe(
    'retry: bring about what the VM should be; adopt: take the machine as it is, on or off; recreate: a new, empty machine with the same size, keys and port; delete: remove the VM.',
  );

/** The body of `POST /vms/{id}/recover`. */
export const RecoverVmRequest = z
  .strictObject({ action: RecoverAction })
  .meta({ id: 'RecoverVmRequest', description: 'What to do about a VM that needs a person.' });
export type RecoverVmRequest = z.infer<typeof RecoverVmRequest>;
