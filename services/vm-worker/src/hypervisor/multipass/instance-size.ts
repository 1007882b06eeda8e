import { isSameSpec, type VmId, type VmSpec } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { expectDone, type MultipassClient } from './multipass-client.ts';
import type { MultipassCommands } from './multipass-command.ts';
import { MULTIPASS_PROPERTIES, parseProperties, propertiesOf } from './multipass-settings.ts';
import type { StateReader } from './state-reader.ts';

/** What sizes are read and changed with. */
export interface InstanceSizeDeps {
  readonly client: MultipassClient;
  readonly commands: MultipassCommands;
  readonly readStates: StateReader;
}

/** Reads and changes what instances are given; see `Hypervisor.readSpec` and `Hypervisor.resize`. */
export interface InstanceSize {
  read(id: VmId, signal: AbortSignal): Promise<VmSpec>;
  change(id: VmId, spec: VmSpec, signal: AbortSignal): Promise<void>;
}

/** See `InstanceSize`. */
export function createInstanceSize({ client, commands, readStates }: InstanceSizeDeps): InstanceSize {
  const read: InstanceSize['read'] = async (id, signal) => {
    const get = (property: (typeof MULTIPASS_PROPERTIES)[number]): Promise<string> =>
      client.ask(commands.getProperty(id, property), `reading the ${property} of ${id}`, signal);
    // One after the other: Multipass would not answer them any sooner together.
    return parseProperties({ cpus: await get('cpus'), memory: await get('memory'), disk: await get('disk') });
  };

  const refuse = (id: VmId, why: string, publicDetail: string): AppError =>
    new AppError('HYPERVISOR_FAILED', `resizing ${id}: ${why}`, { retryable: false, publicDetail });

  return {
    read,
    async change(id, spec, signal) {
      const before = await read(id, signal);
      if (isSameSpec(before, spec)) return;
      if (spec.storage_gb < before.storage_gb)
        throw refuse(id, `its disk has ${before.storage_gb} GiB`, 'The disk of a VM cannot shrink.');
      const state = (await readStates(signal)).get(id);
      if (state === 'Deleted') expectDone(await client.act(commands.recover(id), `recovering ${id}`, { signal }));
      else if (state !== 'Stopped') throw refuse(id, `it is ${state ?? 'absent'}`, 'The VM must be off for that.');
      const [now, wanted] = [propertiesOf(before), propertiesOf(spec)];
      for (const property of MULTIPASS_PROPERTIES) {
        if (now[property] === wanted[property]) continue;
        const command = commands.setProperty(id, property, wanted[property]);
        expectDone(await client.act(command, `setting the ${property} of ${id}`, { signal }));
      }
      const after = await read(id, signal);
      if (isSameSpec(after, spec)) return;
      throw new AppError('HYPERVISOR_FAILED', `resizing ${id}: it has ${JSON.stringify(after)} now`);
    },
  };
}
