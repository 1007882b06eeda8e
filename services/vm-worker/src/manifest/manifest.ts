import { Operation, VmRecord } from '@golem-provider/contracts';
import { z } from 'zod';

const StoredManifest = z.object({
  version: z.literal(1),
  vm: VmRecord,
  /** Those that had not ended. */
  operations: z.array(Operation),
});

/** What is kept beside a VM so that its record can be put back: all of it, and what was under way. */
export interface Manifest {
  readonly vm: VmRecord;
  readonly operations: readonly Operation[];
}

/** The text of a manifest's file. */
export function renderManifest({ vm, operations }: Manifest): string {
  return `${JSON.stringify({ version: 1, vm, operations }, null, 2)}\n`;
}

/** Reads the text of a file; the words say what is wrong with one that is none. */
export function parseManifest(text: string): Manifest | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const result = StoredManifest.safeParse(json);
  if (result.success) return { vm: result.data.vm, operations: result.data.operations };
  const [issue] = result.error.issues;
  return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it does not fit'}` };
}

/** What makes two manifests differ enough to write anew: not how far in percent an operation is. */
export function manifestMark({ vm, operations }: Manifest): string {
  const marks = operations.map(({ id, status, phase, attempts }) => `${id}/${status}/${phase}/${attempts}`);
  return [vm.revision, ...marks.sort()].join(' ');
}
