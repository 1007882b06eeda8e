import type { VmId, VmRecord } from '@golem-provider/contracts';
import type { Finding } from './finding.ts';
import type { World } from './world.ts';

const ON = new Set(['running', 'starting', 'preparing']);

function* auditMachine(vm: VmRecord, world: World): Generator<Finding> {
  if (world.machines === undefined) return;
  const power = world.machines.get(vm.id)?.power ?? 'absent';
  if (vm.desired === 'discarded') {
    if (power !== 'absent')
      yield { kind: 'machine_stray', vm_id: vm.id, detail: `its creation failed, it is ${power}` };
    return;
  }
  if (power === 'absent') {
    yield { kind: 'machine_missing', vm_id: vm.id, detail: `it should be ${vm.desired}` };
    return;
  }
  const isWrong =
    (vm.status === 'running' && power !== 'running') ||
    (vm.status === 'stopped' && vm.desired === 'stopped' && ON.has(power));
  if (isWrong) yield { kind: 'power_differs', vm_id: vm.id, detail: `the record says ${vm.status}, it is ${power}` };
}

function* auditForward(vm: VmRecord, world: World): Generator<Finding> {
  const forward = world.forwards.get(vm.id);
  if (vm.status !== 'running') {
    const isClosed = vm.status === 'stopped' || vm.desired === 'discarded';
    if (isClosed && forward !== undefined)
      yield { kind: 'forward_stray', vm_id: vm.id, detail: `port ${forward.port} is open, the VM is ${vm.status}` };
    return;
  }
  if (forward === undefined) {
    yield { kind: 'forward_missing', vm_id: vm.id, detail: `port ${vm.proxy_port ?? 'null'} leads nowhere` };
    return;
  }
  const { port, target } = forward;
  if (port !== vm.proxy_port || target.host !== vm.ssh_target?.host || target.port !== vm.ssh_target.port) {
    const wished = `${vm.proxy_port ?? 'null'} to ${JSON.stringify(vm.ssh_target)}`;
    yield {
      kind: 'forward_differs',
      vm_id: vm.id,
      detail: `${port} leads to ${JSON.stringify(target)}, not ${wished}`,
    };
  }
  if (!world.listening.has(port))
    yield { kind: 'port_not_listening', vm_id: vm.id, detail: `nobody listens on ${port}` };
}

function* auditFiles(vm: VmRecord, world: World): Generator<Finding> {
  const files = world.directories.get(vm.id) ?? [];
  const manifest = world.manifests.get(vm.id);
  if (files.includes('manifest.json.bad'))
    yield { kind: 'manifest_bad', vm_id: vm.id, detail: 'a manifest was set aside' };
  if (vm.desired !== 'discarded') {
    const { origin, sealed_private_key: login, sealed_host_private_key: host } = vm.keys;
    if (origin === 'provider' && login !== null && !files.includes('ssh_key'))
      yield { kind: 'keys_missing', vm_id: vm.id, detail: 'ssh_key is not there' };
    if (host !== null && !files.includes('ssh_host_ed25519_key'))
      yield { kind: 'keys_missing', vm_id: vm.id, detail: 'ssh_host_ed25519_key is not there' };
  }
  switch (manifest?.kind) {
    case undefined:
    case 'none':
      yield { kind: 'manifest_missing', vm_id: vm.id, detail: 'the record is in Redis alone' };
      return;
    case 'bad':
    case 'foreign':
      // Said of all manifests in one place.
      return;
    case 'good':
      // A record that is newer is written at the next look of the worker; one that is older was never put back.
      if (manifest.manifest.vm.revision !== vm.revision) {
        const detail = `the manifest has revision ${manifest.manifest.vm.revision}, the record ${vm.revision}`;
        yield { kind: 'manifest_differs', vm_id: vm.id, detail };
      }
  }
}

function* auditStrays(world: World): Generator<Finding> {
  const known = new Set<string>(world.inventory.vms.map(({ id }) => id));
  for (const [id, { power }] of world.machines ?? []) {
    if (!known.has(id)) yield { kind: 'machine_stray', vm_id: id, detail: `it is ${power} and has no record` };
  }
  for (const [id, { port }] of world.forwards) {
    if (!known.has(id)) yield { kind: 'forward_stray', vm_id: id, detail: `port ${port} is open without a record` };
  }
  const held = new Set([...world.forwards.values()].map(({ port }) => port));
  for (const port of world.listening) {
    if (!held.has(port) && !world.inventory.busyPorts.has(port))
      yield { kind: 'port_listening', vm_id: null, detail: `somebody listens on ${port}, which leads to no VM` };
  }
  for (const [id, manifest] of world.manifests) {
    if (manifest.kind === 'bad' || manifest.kind === 'foreign')
      yield { kind: 'manifest_bad', vm_id: id, detail: manifest.problem };
    if (manifest.kind === 'good' && !known.has(id))
      yield { kind: 'manifest_stray', vm_id: id, detail: 'the VM has no record' };
  }
  for (const [id, files] of world.directories) {
    if (!known.has(id))
      yield { kind: 'directory_stray', vm_id: id, detail: `it holds ${files.join(', ') || 'nothing'}` };
  }
  for (const id of world.instances) {
    if (!known.has(id)) yield { kind: 'directory_stray', vm_id: id, detail: "the hypervisor's files are left" };
  }
  for (const name of [...world.otherForwardFiles, ...world.otherEntries])
    yield { kind: 'file_left_over', vm_id: null, detail: name };
}

/** Whether the host looks as the records wish. VMs that an operation is changing just now are left out. Pure. */
export function* auditHost(world: World): Generator<Finding> {
  const busy = new Set<VmId>(world.inventory.operations.map(({ vm_id }) => vm_id));
  if (world.machines === undefined)
    yield { kind: 'hypervisor_unavailable', vm_id: null, detail: 'machines could not be compared' };
  for (const vm of world.inventory.vms) {
    if (busy.has(vm.id)) continue;
    yield* auditMachine(vm, world);
    yield* auditForward(vm, world);
    yield* auditFiles(vm, world);
    for (const name of world.directories.get(vm.id) ?? []) {
      if (name.endsWith('.draft')) yield { kind: 'file_left_over', vm_id: vm.id, detail: name };
    }
  }
  yield* auditStrays(world);
}
