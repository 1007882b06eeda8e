import { describe, expect, it } from '@jest/globals';
import { GUEST_UIDS, VmId } from '@golem-provider/contracts';
import fc from 'fast-check';
import { guestUid, machineMac, machineUuid } from './qemu-identity.ts';

const vmIds = fc.stringMatching(/^[a-z][a-z0-9]{2,20}$/).map((name) => VmId.parse(`golem-${name}-20260101-120000`));
const one = VmId.parse('golem-one-20260101-120000');
const two = VmId.parse('golem-two-20260101-120000');

describe('guestUid', () => {
  it('lies in the range that the packet rules name, and is always the same', () => {
    fc.assert(
      fc.property(vmIds, (id) => {
        const uid = guestUid(id);
        expect(uid).toBeGreaterThanOrEqual(GUEST_UIDS.first);
        expect(uid).toBeLessThanOrEqual(GUEST_UIDS.last);
        expect(guestUid(id)).toBe(uid);
      }),
    );
  });
  it('is another where a machine has it already', () => {
    const taken = new Set([guestUid(one)]);
    expect(taken.has(guestUid(one, taken))).toBe(false);
  });
});

describe('machineUuid', () => {
  it('is a valid UUID', () => {
    fc.assert(
      fc.property(vmIds, (id) => {
        expect(machineUuid('/data/instances', id)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });
  it('differs between machines and between data directories', () => {
    const uuids = [machineUuid('/a', one), machineUuid('/a', two), machineUuid('/b', one)];
    expect(new Set(uuids).size).toBe(3);
    expect(machineUuid('/a', one)).toBe(uuids[0]);
  });
});

describe('machineMac', () => {
  it("is one of QEMU's own range", () => {
    expect(machineMac(one)).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  });
});
