import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VmId, VmName } from './vm.ts';
import { makeVmId, vmIdCandidates } from './vm-id.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('makeVmId', () => {
  it.each([
    ['web', 'golem-web-20260102-030405'],
    ['a1b', 'golem-a1b-20260102-030405'],
    ['a'.repeat(64), `golem-${'a'.repeat(41)}-20260102-030405`],
    [`${'a'.repeat(40)}-${'b'.repeat(23)}`, `golem-${'a'.repeat(40)}-20260102-030405`],
  ])('makes the id of %s', (name, id) => {
    expect(makeVmId(VmName.parse(name), AT)).toBe(id);
  });

  it('makes a host name of every name', () => {
    const names = fc.stringMatching(/^[a-z0-9](-?[a-z0-9]){2,63}$/).filter((name) => name.length <= 64);
    fc.assert(
      fc.property(names, fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (name, date) => {
        const id = makeVmId(VmName.parse(name), date.getTime());
        expect(VmId.parse(id)).toBe(id);
        expect(id.length).toBeLessThanOrEqual(63);
      }),
    );
  });
});

describe('vmIdCandidates', () => {
  it('goes on with the seconds that follow', () => {
    expect(vmIdCandidates(VmName.parse('web'), AT, 3)).toEqual([
      'golem-web-20260102-030405',
      'golem-web-20260102-030406',
      'golem-web-20260102-030407',
    ]);
  });
});
