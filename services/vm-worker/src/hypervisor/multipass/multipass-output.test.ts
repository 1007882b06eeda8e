import { VmId } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import type { CallProgress } from '../hypervisor.ts';
import {
  classifyFailure,
  cleanStderr,
  createProgressReader,
  type MultipassFailureKind,
  parseInfo,
  parseStates,
  parseVersion,
  powerOf,
} from './multipass-output.ts';
import { readTranscripts, type Transcript, transcriptOf } from './testing/transcripts.ts';

const transcripts = readTranscripts();
const id = VmId.parse('golem-web-20260101-120000');
const recorded = (number: string): Transcript => transcriptOf(transcripts, number);
const isJson = ({ args, exit }: Transcript): boolean => exit === 0 && args.join(' ').includes('--format json');

it.each<[MultipassFailureKind, number, string]>([
  ['image_unknown', 2, 'launch failed: Unable to find an image matching "20.04" in remote "".\n'],
  ['timed_out', 2, 'launch failed: The following errors occurred:\nx: timed out waiting for response\n'],
  [
    'timed_out',
    2,
    'launch failed: The following errors occurred:\nx: timed out waiting for initialization to complete\n',
  ],
  ['no_access', 2, 'list failed: multipass socket access denied\n'],
  ['disk_full', 2, 'launch failed: error writing image: No space left on device\n'],
  ['timed_out', 5, ''],
  ['guest_unreachable', 2, "info failed: ssh connection failed: 'Connection refused'\n"],
  ['other', 2, ''],
  ['absent', 2, '[2026-01-01T10:00:00.000] [error] [daemon] instance "x" is deleted\ninstance "x" does not exist\n'],
])('reads %s from exit code %i and %j', (kind, exitCode, stderr) => {
  expect(classifyFailure(exitCode, stderr)).toBe(kind);
});

describe('standard error', () => {
  it.each([
    ['044', 'launch failed: Invalid arguments supplied\nInvalid memory size value supplied: 64M.'],
    ['066', ''],
    ['405', ''],
  ])('is read without the log lines of the daemon (%s)', (number, words) => {
    expect(cleanStderr(recorded(number).stderr)).toBe(words);
  });

  it.each(['001', '045'])("keeps the client's own last words, which look like a log line (%s)", (number) => {
    expect(cleanStderr(recorded(number).stderr)).toContain('[client] Caught an unhandled exception');
  });
});

describe('answers', () => {
  it.each(transcripts.filter((one) => one.args[0] === 'list' && !one.args.includes('--snapshots') && isJson(one)))(
    'of list are read: $id',
    ({ stdout }) => {
      // The recorded instances have names that are not ours.
      expect(parseStates(stdout)).toEqual(new Map());
      const ours = parseStates(stdout.replace(/"name": "\w[\w-]*"/, `"name": "${id}"`));
      expect(ours.size).toBe(stdout.includes('"name"') ? 1 : 0);
      const known = ['Running', 'Stopped', 'Deleted', 'Starting', 'Suspended', 'Delayed Shutdown', 'Unknown'];
      for (const state of ours.values()) expect(known).toContain(state);
    },
  );

  it.each([
    ['068', 't1', '10.163.158.205'],
    ['070', 't1', null],
    ['124', 't1', null],
    ['255', 't2', null],
  ])('of info give the address that there is (%s)', (number, name, address) => {
    expect(parseInfo(recorded(number).stdout.replace(`"${name}"`, `"${id}"`), id).address).toBe(address);
  });

  it('of info give no address that is none', () => {
    expect(parseInfo(JSON.stringify({ info: { [id]: { state: 'Running', ipv4: ['N/A'] } } }), id).address).toBeNull();
    expect(
      parseInfo(JSON.stringify({ info: { [id]: { state: 'Running', ipv4: ['N/A', '10.1.2.3'] } } }), id).address,
    ).toBe('10.1.2.3');
    expect(parseInfo(JSON.stringify({ info: {} }), id).address).toBeNull();
  });

  it.each([
    ['005', { multipass: '1.16.3', multipassd: '1.16.3' }],
    ['215', { multipass: '1.16.3' }],
  ])('of version are read (%s)', (number, version) => {
    expect(parseVersion(recorded(number).stdout)).toEqual(version);
  });

  it.each(['', '{', 'null', '[]', '{"list":null}', '{"list":[{"name":"golem-x"}]}', '{"list":[{"state":1}]}'])(
    'of another form are failures: %j',
    (stdout) => {
      expect(() => parseStates(stdout)).toThrow(expect.objectContaining({ code: 'HYPERVISOR_FAILED' }));
    },
  );
});

it.each([
  ['Running', 'running'],
  ['Delayed Shutdown', 'running'],
  ['Starting', 'starting'],
  ['Restarting', 'starting'],
  ['Stopped', 'stopped'],
  ['Deleted', 'stopped'],
  ['Suspending', 'stopping'],
  ['Suspended', 'suspended'],
  ['Unknown', 'unknown'],
  ['Unavailable', 'unknown'],
  ['Melting', 'unknown'],
])('takes the state %s for %s', (state, power) => {
  expect(powerOf(state)).toBe(power);
});

describe('the progress of a launch', () => {
  const read = (pieces: readonly string[]): CallProgress[] => {
    const reader = createProgressReader();
    return pieces.flatMap((piece) => reader(piece) ?? []);
  };

  it.each([1, 2, 3, 7, 64])('is read from recorded output in pieces of %i characters', (length) => {
    const { stdout } = recorded('066');
    const pieces = Array.from({ length: Math.ceil(stdout.length / length) }, (_, index) =>
      stdout.slice(index * length, (index + 1) * length),
    );
    const phases = read(pieces).map(({ phase }) => phase);
    expect(phases).toEqual(['creating', 'booting']);
  });

  it('is read with the percentage of a download, once for each', () => {
    const pieces = [
      '\u001b[2K\rRetrieving image: 1',
      '2%',
      '\u001b[2K\rRetrieving image: 12%\u001b[2K\rRetrieving image: 99%',
    ];
    expect(read(pieces)).toEqual([
      { phase: 'fetching_image', progress: 12 },
      { phase: 'fetching_image', progress: 99 },
    ]);
  });

  it.each(['096', '054', '122', '005'])('is not found where there is none (%s)', (number) => {
    expect(read([recorded(number).stdout])).toEqual([]);
  });
});
