import { AppError } from '@golem-provider/service-kit';
import { describe, expect, it } from '@jest/globals';
import { accelerationFinding, multipassFindings } from './hypervisor-findings.ts';

describe('accelerationFinding', () => {
  it('warns of software emulation and says why', () => {
    const reason = '/dev/kvm is open to root only';
    expect(accelerationFinding({ acceleration: 'kvm', kvm_gid: null, reason: 'passed' })).toMatchObject({
      verdict: 'ok',
    });
    expect(accelerationFinding({ acceleration: 'tcg', kvm_gid: null, reason })).toMatchObject({
      verdict: 'warning',
      detail: expect.stringContaining(reason),
    });
  });
});

describe('multipassFindings', () => {
  const { signal } = new AbortController();
  it('shows the version', async () => {
    const probe = { version: '1.16.3', acceleration: null, guestNetwork: 'internet' } as const;
    expect(await multipassFindings({ probe: () => Promise.resolve(probe) }, signal)).toEqual([
      { name: 'hypervisor', verdict: 'ok', detail: 'Multipass 1.16.3', remedy: null },
    ]);
  });
  it('says what keeps it from answering', async () => {
    const probe = (): Promise<never> =>
      Promise.reject(new AppError('HYPERVISOR_UNAVAILABLE', 'its daemon does not run'));
    expect(await multipassFindings({ probe }, signal)).toMatchObject([
      { verdict: 'problem', detail: 'its daemon does not run', remedy: expect.stringContaining('snap start') },
    ]);
  });
});
