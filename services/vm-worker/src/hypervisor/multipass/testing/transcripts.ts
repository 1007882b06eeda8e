import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Transcript = z.object({
  id: z.string(),
  args: z.array(z.string()),
  stdin: z.string().optional(),
  /** Negative: the signal that ended it. */
  exit: z.int(),
  stdout: z.string(),
  stderr: z.string(),
});
/** A run of the real Multipass 1.16.3, with runs of spinner frames cut to one, times made equal and paths shortened. */
export type Transcript = z.infer<typeof Transcript>;

const FILE = new URL('../../../../emulator/multipass/transcripts.jsonl', import.meta.url);

/** All transcripts in the order in which they were recorded. */
export function readTranscripts(): readonly Transcript[] {
  return readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Transcript.parse(JSON.parse(line)));
}

/** The transcript of a number such as `066`. */
export function transcriptOf(transcripts: readonly Transcript[], id: string): Transcript {
  const found = transcripts.find((transcript) => transcript.id === id);
  if (found === undefined) throw new Error(`there is no transcript ${id}`);
  return found;
}

/** The numbers of the transcripts that are meant by numbers, `066`, and by first and last ones, `070-079`. */
export function expandIds(transcripts: readonly Transcript[], ranges: readonly string[]): readonly string[] {
  return ranges.flatMap((range) => {
    const [first = '', last = first] = range.split('-');
    const ids = transcripts.map(({ id }) => id).filter((id) => first <= id && id <= last);
    if (ids[0] !== first || ids.at(-1) !== last) throw new Error(`there are no transcripts ${range}`);
    return ids;
  });
}
