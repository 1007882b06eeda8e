import { describe, expect, it } from '@jest/globals';
import { renderFindings } from './render-findings.ts';

const plain = (_verdict: string, text: string): string => text;
const OK = { name: 'nginx', verdict: 'ok', detail: 'is there', remedy: null } as const;
const WARNING = { name: 'kvm', verdict: 'warning', detail: 'slow', remedy: 'Do this.' } as const;
const PROBLEM = { name: 'hypervisor', verdict: 'problem', detail: 'none', remedy: 'Do that.' } as const;

describe('renderFindings', () => {
  it.each([
    [[OK], 'All is well.'],
    [[OK, WARNING], 'The provider can work; 1 to be looked at.'],
    [[OK, WARNING, PROBLEM], '1 to be mended, 1 to be looked at.'],
  ])('sums up', (findings, summary) => {
    expect(renderFindings(findings, plain).trimEnd().split('\n').at(-1)).toBe(summary);
  });
  it('puts what to do below what is not well', () => {
    expect(renderFindings([WARNING, OK], plain)).toContain(
      'warn  kvm    slow\n             → Do this.\nok    nginx  is there\n',
    );
  });
});
