import { describe, expect, it } from '@jest/globals';
import { createProgressTeller } from './progress-teller.ts';

describe('createProgressTeller', () => {
  it('tells of each phase once and of every tenth percent', () => {
    const lines: string[] = [];
    let now = 100;
    const teller = createProgressTeller(
      (line) => lines.push(line),
      () => now,
    );
    teller({ phase: 'queued', progress: null });
    teller({ phase: 'queued', progress: null });
    now = 1600;
    for (const progress of [0, 4, 11, 19, 20]) teller({ phase: 'fetching_image', progress });
    expect(lines).toEqual([
      '   0.0 s  queued',
      '   1.5 s  fetching image, 0 %',
      '   1.5 s  fetching image, 10 %',
      '   1.5 s  fetching image, 20 %',
    ]);
  });
});
