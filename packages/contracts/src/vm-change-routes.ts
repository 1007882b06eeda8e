import { z } from 'zod';
import type { ErrorCode } from './error-codes.ts';
import type { RouteContract } from './route-contract.ts';
import { accepted, asyncQuery, changeHeaders, etag, preferHeaders, vmParams } from './route-parts.ts';
import { AddSshKeyRequest, SshKey } from './vm-ssh-key.ts';
import { ResizeVmRequest } from './vm-request.ts';
import { Vm, VmId } from './vm.ts';

/** What can go wrong with a change of a VM's keys. */
const KEY_ERRORS = [
  'VM_NOT_FOUND',
  'VM_STATE_CONFLICT',
  'OPERATION_CANCELLED',
  'HYPERVISOR_FAILED',
  'HYPERVISOR_UNAVAILABLE',
  'HYPERVISOR_TIMEOUT',
  'GUEST_UNREACHABLE',
  'GUEST_FAILED',
  'PROXY_FAILED',
  'PORTS_EXHAUSTED',
] as const satisfies readonly ErrorCode[];

/** The routes that change what a VM has: its size and its keys. */
export const VM_CHANGE_ROUTES = {
  resizeVm: {
    method: 'post',
    path: '/vms/{id}/resize',
    access: 'owner',
    tag: 'VMs',
    summary: 'Resize a stopped VM',
    description:
      'Gives the VM other cores, other memory or more storage. It must be stopped; what it gets in addition must be free. Its file system grows when it is started.',
    params: vmParams,
    query: asyncQuery,
    headers: changeHeaders,
    body: ResizeVmRequest,
    responses: { 200: { description: 'The VM has it.', schema: Vm, headers: etag }, 202: accepted },
    errors: [
      'VM_NOT_FOUND',
      'VM_STATE_CONFLICT',
      'PRECONDITION_FAILED',
      'OPERATION_CANCELLED',
      'RESOURCES_EXHAUSTED',
      'THRESHOLD_EXCEEDED',
      'WORKER_UNAVAILABLE',
      'SAMPLES_STALE',
      'HYPERVISOR_FAILED',
      'HYPERVISOR_UNAVAILABLE',
      'HYPERVISOR_TIMEOUT',
      'PROXY_FAILED',
    ],
  },
  addSshKey: {
    method: 'post',
    path: '/vms/{id}/ssh-keys',
    access: 'owner',
    tag: 'VMs',
    summary: 'Authorise one more key',
    description:
      'The key logs in to the running VM from the answer on, and again after the VM is made anew. The same key under the same name is no error.',
    params: vmParams,
    query: asyncQuery,
    headers: preferHeaders,
    body: AddSshKeyRequest,
    responses: { 201: { description: 'The key logs in.', schema: SshKey }, 202: accepted },
    errors: [...KEY_ERRORS, 'SSH_KEY_NAME_TAKEN', 'SSH_KEY_DUPLICATE', 'SSH_KEYS_EXHAUSTED'],
  },
  listSshKeys: {
    method: 'get',
    path: '/vms/{id}/ssh-keys',
    access: 'owner',
    tag: 'VMs',
    summary: 'List the keys of a VM',
    description: 'Those beside its first one, oldest first.',
    params: vmParams,
    responses: { 200: { description: 'The keys.', schema: z.array(SshKey) } },
    errors: ['VM_NOT_FOUND'],
  },
  removeSshKey: {
    method: 'delete',
    path: '/vms/{id}/ssh-keys/{name}',
    access: 'owner',
    tag: 'VMs',
    summary: 'Withdraw a key',
    description: 'The key no longer logs in from the answer on; sessions that it opened go on. The VM must be running.',
    // Any text: one that no key can have is the name of none.
    params: z.object({ id: VmId, name: z.string() }),
    query: asyncQuery,
    headers: preferHeaders,
    responses: { 204: { description: 'The key is withdrawn.' }, 202: accepted },
    errors: [...KEY_ERRORS, 'SSH_KEY_NOT_FOUND'],
  },
} as const satisfies Record<string, RouteContract>;
