import { randomBytes, randomUUID } from 'node:crypto';
import type { ApiRequest } from './bed/api.ts';
import type { OperationName } from './chaos-case.ts';
import type { SeenVm } from './judge.ts';

/** An operation as it is sent, and what is to be there when it is done. */
export interface Order {
  readonly operation: OperationName;
  readonly request: ApiRequest;
  readonly name: string;
  readonly keyLine: string;
  readonly spec: string;
}

const SMALL = { cpu_cores: 1, memory_gb: 1, storage_gb: 10 };
const LARGE = { cpu_cores: 2, memory_gb: 2, storage_gb: 10 };
const KEY_TYPE = 'ssh-ed25519';

const specText = ({ cpu_cores, memory_gb, storage_gb }: typeof SMALL): string =>
  `${cpu_cores}/${memory_gb}/${storage_gb}`;

/** A public key whose private half nobody has. */
function newPublicKey(): string {
  const parts = [Buffer.from(KEY_TYPE), randomBytes(32)].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return `${KEY_TYPE} ${Buffer.concat(parts).toString('base64')}`;
}

/** The creation of a VM. */
export function creation(name: string, publicKey: string): Order {
  const body = { name, ...SMALL, ssh_key: publicKey };
  const request: ApiRequest = { method: 'POST', path: '/vms', body, key: randomUUID() };
  return { operation: 'create', request, name, keyLine: '', spec: specText(SMALL) };
}

/** A change of a VM. */
export function change(operation: Exclude<OperationName, 'create'>, { id, name, spec }: SeenVm): Order {
  const path = `/vms/${id}`;
  const order = { operation, name, keyLine: '', spec };
  switch (operation) {
    case 'start':
    case 'stop':
    case 'restart':
      return { ...order, request: { method: 'POST', path: `${path}/${operation}` } };
    case 'delete':
      return { ...order, request: { method: 'DELETE', path } };
    case 'ssh-key': {
      const key = newPublicKey();
      const body = { name: `key-${randomBytes(4).toString('hex')}`, key };
      return { ...order, keyLine: key, request: { method: 'POST', path: `${path}/ssh-keys`, body } };
    }
    case 'resize': {
      const body = spec === specText(SMALL) ? LARGE : SMALL;
      return { ...order, spec: specText(body), request: { method: 'POST', path: `${path}/resize`, body } };
    }
  }
}
