import { describe, expect, it } from '@jest/globals';
import { runningVm } from '../testing/vm-records.ts';
import { matchesEtag, vmEtag } from './vm-etag.ts';

describe('vmEtag', () => {
  it('changes with the record and with the address at which the VM is shown', () => {
    const vm = runningVm(1);
    const etag = vmEtag(vm, '192.0.2.1');
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(vmEtag(vm, '192.0.2.1')).toBe(etag);
    expect(vmEtag({ ...vm, revision: vm.revision + 1 }, '192.0.2.1')).not.toBe(etag);
    expect(vmEtag(vm, '192.0.2.2')).not.toBe(etag);
  });
});

describe('matchesEtag', () => {
  it.each([
    ['"a"', 'strong', true],
    ['"a"', 'weak', true],
    ['W/"a"', 'strong', false],
    ['W/"a"', 'weak', true],
    ['"b", "a"', 'strong', true],
    ['"b"', 'weak', false],
    ['*', 'strong', true],
    ['a', 'weak', false],
    ['', 'weak', false],
  ] as const)('%s, compared %sly: %s', (header, comparison, expected) => {
    expect(matchesEtag(header, '"a"', comparison)).toBe(expected);
  });
});
