import { expandIds, type Transcript } from './transcripts.ts';

/** Which transcripts each file of replays holds the emulator to. */
const RANGES = {
  refusals: ['001-065', '283-286', '401-404', '406-407', '421-422', '441'],
  lifecycle: ['066-130'],
  snapshots: ['131-200'],
  outage: ['201-236', '300-308', '397-400'],
  unknown: ['237-282', '287'],
  suspend: ['288-299', '309-312'],
  races: ['313-352'],
  guests: ['353-387'],
  clients: ['388-396', '405', '408-420', '423-440'],
} as const;

/** A subject of the replays. */
export type ReplaySubject = keyof typeof RANGES;

/** Transcripts that are not replayed, each with the reason. */
export const NOT_REPLAYED: Readonly<Record<string, string>> = {};

/** The numbers of the transcripts of a subject. */
export function transcriptsOf(subject: ReplaySubject, transcripts: readonly Transcript[]): readonly string[] {
  return expandIds(transcripts, RANGES[subject]);
}

/** All subjects. */
export const REPLAY_SUBJECTS: readonly ReplaySubject[] = [
  'refusals',
  'lifecycle',
  'snapshots',
  'outage',
  'unknown',
  'suspend',
  'races',
  'guests',
  'clients',
];
