import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { NOT_REPLAYED, REPLAY_SUBJECTS, transcriptsOf } from './replay-subjects.ts';
import { readTranscripts } from './transcripts.ts';

const transcripts = readTranscripts();

describe('the transcripts', () => {
  it('are each replayed by one file, or left out for a reason that is written down', () => {
    const replayed = REPLAY_SUBJECTS.flatMap((subject) => transcriptsOf(subject, transcripts));
    const all = [...replayed, ...Object.keys(NOT_REPLAYED)].sort();
    expect(all).toEqual(transcripts.map(({ id }) => id));
    for (const reason of Object.values(NOT_REPLAYED)) expect(reason).toMatch(/\w+ \w+/);
  });

  it.each(REPLAY_SUBJECTS)('of %s have a file, which says at its end whether it met them all', (subject) => {
    expect(existsSync(new URL(`../multipass-replay-${subject}.real.test.ts`, import.meta.url))).toBe(true);
  });
});
