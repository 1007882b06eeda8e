import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMultipassEmulator, type MultipassEmulator } from './emulator-control.ts';
import { type ReplaySubject, transcriptsOf } from './replay-subjects.ts';
import { createTranscriptReplay, type TranscriptReplay } from './transcript-replay.ts';
import { readTranscripts } from './transcripts.ts';

/** What a test of replays works with: an emulator of its own, whose daemon it starts, and whose instances boot in no time. */
export interface ReplayScene {
  readonly emulator: MultipassEmulator;
  readonly play: TranscriptReplay;
  /** Makes an instance of the image `debian12.img`, or of another file. */
  readonly launch: (name: string, options?: { readonly memory?: string; readonly file?: string }) => Promise<void>;
}

/** For settings that are to last until a test changes them. */
export const FOR_EVER_MS = 600_000;

const TEST_TIMEOUT_MS = 600_000;

/** Tests that replay the transcripts of a subject, and, at the end, the test that none was left out. `environment`: the process's own. */
export function describeReplay(
  subject: ReplaySubject,
  environment: NodeJS.ProcessEnv,
  tests: Readonly<Record<string, (scene: ReplayScene) => Promise<void>>>,
): void {
  describe(`the emulated Multipass is like the recorded one, ${subject}:`, () => {
    const compared = new Set<string>();
    let emulator: MultipassEmulator;
    let play: TranscriptReplay;

    beforeEach(async () => {
      emulator = await createMultipassEmulator(environment);
      await emulator.configure({ prepareMs: 20, downloadMs: 5, bootMs: 20, cloudInitMs: 20, shutdownMs: 20 });
      play = await createTranscriptReplay(emulator, compared, environment);
    }, TEST_TIMEOUT_MS);

    afterEach(async () => {
      play.dispose();
      await emulator.dispose();
    }, TEST_TIMEOUT_MS);

    for (const [name, test] of Object.entries(tests)) {
      it(
        name,
        () =>
          test({
            emulator,
            play,
            async launch(instance, { memory = '1G', file = 'debian12.img' } = {}) {
              const image = `file://${emulator.directory}/images/${file}`;
              await play.run('launch', image, '--name', instance, '--memory', memory);
            },
          }),
        TEST_TIMEOUT_MS,
      );
    }

    it('leaves out none of its transcripts', () => {
      expect([...compared].sort()).toEqual(transcriptsOf(subject, readTranscripts()));
    });
  });
}
