import { describe, expect, it } from '@jest/globals';
import { refusalError } from './multipass-failure.ts';
import { classifyFailure } from './multipass-output.ts';
import { readTranscripts, transcriptOf } from './testing/transcripts.ts';

const transcripts = readTranscripts();

describe('a refusal', () => {
  it.each([
    ['203', 'HYPERVISOR_UNAVAILABLE', true, undefined],
    ['001', 'HYPERVISOR_UNAVAILABLE', true, undefined],
    ['401', 'HYPERVISOR_UNAVAILABLE', true, undefined],
    ['237', 'HYPERVISOR_TIMEOUT', true, undefined],
    ['055', 'IMAGE_UNKNOWN', false, undefined],
    ['056', 'IMAGE_UNAVAILABLE', false, undefined],
    ['058', 'IMAGE_UNAVAILABLE', false, undefined],
    ['014', 'HYPERVISOR_FAILED', false, 'The hypervisor has no such machine.'],
    ['044', 'HYPERVISOR_FAILED', false, 'The memory is too small for the hypervisor.'],
    ['048', 'HYPERVISOR_FAILED', false, 'The storage is too small for the image.'],
    ['052', 'HYPERVISOR_FAILED', false, expect.stringContaining('cloud-init')],
    ['240', 'HYPERVISOR_FAILED', true, 'The VM is still being prepared.'],
    ['138', 'HYPERVISOR_FAILED', false, 'The disk of a VM cannot shrink.'],
    ['099', 'HYPERVISOR_FAILED', false, 'The VM must be off for that.'],
    ['356', 'HYPERVISOR_FAILED', true, 'The VM does not answer.'],
    ['433', 'HYPERVISOR_FAILED', true, 'The VM is not running.'],
    ['064', 'HYPERVISOR_FAILED', false, 'Mount source path "<path>" does not exist'],
  ])('as in %s becomes %s', (number, code, retryable, publicDetail) => {
    const { exit, stderr } = transcriptOf(transcripts, number);
    const error = refusalError(classifyFailure(exit, stderr), exit, stderr, 'doing it');
    expect(error).toMatchObject({ code, retryable, publicDetail });
    expect(error.message).toMatch(/^doing it: Multipass ended with \d: /);
  });

  it('shows requestors no path of the host', () => {
    for (const { exit, stderr } of transcripts.filter((one) => one.exit > 0)) {
      const { publicDetail = '' } = refusalError(classifyFailure(exit, stderr), exit, stderr, '');
      expect(publicDetail).not.toMatch(/\/(?:images|srv|var|snap|root|home)\//);
    }
  });
});
