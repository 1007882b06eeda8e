import { describe, expect, it } from '@jest/globals';
import { stageListener } from './build-image.ts';

describe('stageListener', () => {
  it('finds the stages however the text is cut into pieces', () => {
    const stages: string[] = [];
    const listen = stageListener((stage) => stages.push(stage));
    for (const piece of ['stage: boot', 'strap\nnoise\nsta', 'ge: pack\nstage: half']) listen(piece);
    expect(stages).toEqual(['bootstrap', 'pack']);
  });
});
