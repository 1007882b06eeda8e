import { join } from 'node:path';
import type { VmId } from '@golem-provider/contracts';

/** Where things lie under the data directory; every path of ours is built here. */
export interface DataDirectory {
  readonly root: string;
  /** 32 random bytes, mode 0600: seals the secrets in Redis. */
  readonly sealKey: string;
  /** Mode 0600: the token with which the operator may do everything, from anywhere. */
  readonly operatorToken: string;
  /** The generated provider id. */
  readonly providerId: string;
  /** Ed25519, mode 0600: signs what the provider tells the discovery service. */
  readonly providerKey: string;
  /** Is there while the operator lets no new VM in. */
  readonly drain: string;
  /** The public address that was found last. */
  readonly publicAddress: string;
  /** Mode 0700: the keys of the VMs, a directory for each. */
  readonly vms: string;
  vm(id: VmId): string;
  /** Disks, seeds and sockets of QEMU, a directory for each VM, open to the VM's own user alone. */
  readonly instances: string;
  /** Guest images, a directory for each. */
  readonly images: string;
  /** What was found out about KVM on this host. */
  readonly acceleration: string;
  /** The private nginx. */
  readonly nginx: string;
  /** The private Redis. */
  readonly redis: string;
  readonly redisSocket: string;
  readonly logs: string;
  /** Which worker process acts on this directory. */
  readonly workerLock: string;
  /** Pid file and state of the supervisor. */
  readonly supervisor: string;
}

/** The layout under `root`, an absolute path. */
export function dataDirectory(root: string): DataDirectory {
  const vms = join(root, 'vms');
  const redis = join(root, 'redis');
  return {
    root,
    sealKey: join(root, 'seal.key'),
    operatorToken: join(root, 'operator-token'),
    providerId: join(root, 'provider-id'),
    providerKey: join(root, 'provider-key'),
    drain: join(root, 'drained'),
    publicAddress: join(root, 'public-address'),
    vms,
    vm: (id) => join(vms, id),
    instances: join(root, 'instances'),
    images: join(root, 'images'),
    acceleration: join(root, 'acceleration.json'),
    nginx: join(root, 'nginx'),
    redis,
    redisSocket: join(redis, 'redis.sock'),
    logs: join(root, 'logs'),
    workerLock: join(root, 'worker.lock'),
    supervisor: join(root, 'supervisor.json'),
  };
}
