import { isDeepStrictEqual } from 'node:util';
import { type HostId, redisNames, Reservation, reservationOf, VmId, type VmRecord } from '@golem-provider/contracts';
import type { Clock } from '@golem-provider/service-kit';
import type { Redis } from 'ioredis';
import { createScriptRunner, type Fence } from './fence.ts';
import { guardStore, type RecordStore } from './record-store.ts';
import { MEND } from './scripts.ts';

/** A VM whose reservation was not what its record says. */
export interface Drift {
  readonly vmId: VmId;
  readonly held: string | undefined;
  /** Undefined where it should hold nothing. */
  readonly mended: Reservation | undefined;
  /** That its port is another VM's by the records too: nobody can say whose it is but the worker, by moving one of them. */
  readonly isPortShared: boolean;
}

/** Compares what VMs hold with what their records say. */
export interface ReservationAudit {
  /**
   * Mends every reservation and port that differs from its record, and says which did. Each is compared and mended in one
   * step, so that a change under way is never taken for a difference, nor is what changed since `vms`, all the records, were read.
   * Without them they are read.
   */
  mend(vms?: readonly VmRecord[]): Promise<readonly Drift[]>;
}

interface Suspect {
  readonly id: VmId;
  readonly vm: VmRecord | undefined;
  readonly seen: string | undefined;
  readonly stalePorts: readonly string[];
}

/** Whether the stored text says just that; damaged text says nothing. */
function says(json: string, expected: Reservation | undefined): boolean {
  let stored: unknown;
  try {
    stored = JSON.parse(json);
  } catch {
    return false;
  }
  const reservation = Reservation.safeParse(stored);
  return reservation.success && expected !== undefined && isDeepStrictEqual(reservation.data, expected);
}

/** The audit over a Redis connection; with a fence what it mends needs the lease, and rejects with `LeaseLost` without. */
export function createReservationAudit(
  redis: Redis,
  hostId: HostId,
  records: Pick<RecordStore, 'listVms'>,
  clock: Clock,
  fence?: Fence,
): ReservationAudit {
  const names = redisNames(hostId);
  const run = createScriptRunner(redis, hostId, fence);

  const findSuspects = async (given: readonly VmRecord[] | undefined): Promise<Suspect[]> => {
    const [vms, reservations, ports] = await Promise.all([
      given ?? records.listVms(),
      redis.hgetall(names.reservations),
      redis.hgetall(names.ports),
    ]);
    const byId = new Map(vms.map((vm) => [vm.id, vm]));
    const portsOf = new Map<string, string[]>();
    for (const [port, id] of Object.entries(ports)) portsOf.set(id, [...(portsOf.get(id) ?? []), port]);
    const ids = new Set([
      ...byId.keys(),
      ...[...Object.keys(reservations), ...Object.values(ports)].map((id) => VmId.parse(id)),
    ]);
    return [...ids].flatMap((id) => {
      const vm = byId.get(id);
      const expected = vm && reservationOf(vm);
      const seen = reservations[id];
      const stalePorts = (portsOf.get(id) ?? []).filter((port) => port !== String(expected?.port));
      const isRight = seen === undefined ? expected === undefined : says(seen, expected);
      const hasPort = expected === undefined || ports[expected.port] === id;
      return isRight && hasPort && stalePorts.length === 0 ? [] : [{ id, vm, seen, stalePorts }];
    });
  };

  const mendOne = async ({ id, vm, seen, stalePorts }: Suspect): Promise<Drift | undefined> => {
    const mended = vm && reservationOf(vm);
    const input = {
      id,
      expected: vm?.revision ?? 0,
      seen: seen ?? false,
      json: mended === undefined ? false : JSON.stringify(mended),
      stale_ports: stalePorts,
      now_ms: clock.now(),
    };
    const keys = [names.vm(id), names.reservations, names.ports, names.releasedPorts];
    const reply = await run(MEND, keys, [JSON.stringify(input)]);
    return reply === 0 ? undefined : { vmId: id, held: seen, mended, isPortShared: reply === 2 };
  };

  return {
    mend: (vms) =>
      guardStore('comparing reservations with records', async () => {
        const drifts: Drift[] = [];
        for (const suspect of await findSuspects(vms)) {
          const drift = await mendOne(suspect);
          if (drift !== undefined) drifts.push(drift);
        }
        return drifts;
      }),
  };
}
