import { VmId } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { refusalError } from './multipass-failure.ts';
import {
  classifyFailure,
  createProgressReader,
  type MultipassFailureKind,
  parseInfo,
  parseStates,
  parseVersion,
  powerOf,
} from './multipass-output.ts';
import { parseProperties } from './multipass-settings.ts';
import { expandIds, readTranscripts, type Transcript, transcriptOf } from './testing/transcripts.ts';

// What the driver makes of every call that was recorded. A transcript that comes to the file, or a reading that changes, shows.

const transcripts = readTranscripts();
const expand = (ranges: string): readonly string[] => expandIds(transcripts, ranges.split(' ').filter(Boolean));
const recorded = (id: string): Transcript => transcriptOf(transcripts, id);
const idsWhere = (isMeant: (transcript: Transcript) => boolean): string[] =>
  transcripts.filter(isMeant).map(({ id }) => id);
const isAnswer = ({ args, exit }: Transcript, command: string): boolean =>
  exit === 0 && args[0] === command && args.includes('json') && !args.includes('--snapshots');
const each = <Reading>(table: readonly (readonly [Reading, string])[]): [string, Reading][] =>
  table.flatMap(([reading, ranges]) => expand(ranges).map((id): [string, Reading] => [id, reading]));
/** The name of an instance as one of ours. */
const ourName = (name: string): VmId => VmId.parse(`golem-${name}-20260101-120000`);

/** The client was ended by a signal: there is no exit code, and nothing is read. */
const KILLED = '013 229 253 301-304 319 358-360 408-409 411 413 416 436';
/** Codes of commands in guests, which are none of Multipass's. */
const REMOTE = '076-079 086 088 094';

describe('a refusal', () => {
  const kinds: readonly (readonly [MultipassFailureKind, string])[] = [
    ['daemon_down', '001-003 201-213 216-218 221-225 227-228 230-232 305-306 397'],
    ['no_access', '401 403'],
    ['exists', '096 193 272 341 343'],
    ['being_prepared', '240 313 321'],
    [
      'absent',
      '011-012 014-020 022-029 095 176-177 179-180 182-189 197 239 241-242 244 280-281 285 314-315 320 346-347',
    ],
    ['deleted', '263-269 273-275 311'],
    ['timed_out', '237 300 377'],
    ['unknown_state', '129 246 248 252 256-257 296 333 381 383-384 429'],
    ['starting', '235 379 426-427'],
    ['suspended', '292'],
    ['image_unknown', '055'],
    ['image_unavailable', '038 054 056-059'],
    ['memory_size', '044-046 137'],
    ['disk_size', '047-048'],
    ['disk_shrinks', '138'],
    ['not_stopped', '099-100 107-108 191-192 247 249 293-295 430-432'],
    ['not_running', '433'],
    ['guest_unreachable', '356'],
    ['bad_argument', '039-042 049-051 060-064 092-093 105 133-134 142-143 149 160 164 168 174 283-284 441'],
    ['user_data', '052-053 406-407'],
    ['option_unknown', '031 084'],
    // Snapshots, clones, transfers, passphrases, and calls without a known command: nothing that the driver asks for.
    ['other', '030 032 109-110 114-116 118 148 163 171-173 404'],
  ];
  /** Nothing was recorded on a full disk: its words are those of the C library. */
  const NOT_RECORDED: readonly MultipassFailureKind[] = ['disk_full'];

  it.each(each(kinds))('%s is read as %s', (id, kind) => {
    const { exit, stderr } = recorded(id);
    expect(classifyFailure(exit, stderr)).toBe(kind);
    expect(refusalError(kind, exit, stderr, 'doing it').message).toMatch(/^doing it: Multipass ended with \d: /);
  });

  it.each(each([['other', REMOTE]]))('%s is a code from a guest, read as %s', (id, kind) => {
    const { exit, stderr } = recorded(id);
    expect(classifyFailure(exit, stderr)).toBe(kind);
  });

  it('is in one of these lists, each once, or was ended by a signal', () => {
    const listed = [...each(kinds).map(([id]) => id), ...expand(REMOTE), ...expand(KILLED)];
    expect(listed.sort()).toEqual(idsWhere(({ exit }) => exit !== 0));
    expect(idsWhere(({ exit }) => exit < 0)).toEqual(expand(KILLED));
  });

  it('of every kind was recorded, but for those that say why not', () => {
    const met = new Set(kinds.map(([kind]) => kind));
    for (const kind of NOT_RECORDED) expect(met).not.toContain(kind);
    expect(classifyFailure(2, 'launch failed: error writing image: No space left on device\n')).toBe('disk_full');
  });

  it('is an outage exactly where the daemon was down or refused the client', () => {
    for (const id of idsWhere(({ exit, args }) => exit > 0 && args[0] !== 'exec')) {
      const { exit, stderr } = recorded(id);
      const isOutage = ['daemon_down', 'no_access'].includes(classifyFailure(exit, stderr));
      expect([id, isOutage]).toEqual([id, /multipass socket|root_cert|not authenticated/.test(stderr)]);
    }
  });

  it('means that an instance is absent only where Multipass says that it does not exist', () => {
    for (const id of idsWhere(({ exit }) => exit > 0)) {
      const { exit, stderr } = recorded(id);
      const isAbsent = classifyFailure(exit, stderr) === 'absent';
      expect([id, isAbsent]).toEqual([id, /nstance ['"][\w-]+['"] does not exist|No such instance/.test(stderr)]);
    }
  });
});

describe('an answer of list', () => {
  const answers = each([
    ['', '006 008 065 423'],
    ['t1 Running', '067 072 287 298'],
    ['t1 Stopped', '123 130 157 175 178 200'],
    ['t1copy Running, t1 Stopped', '195'],
    ['t1 Starting', '233 236 238 243 307-308'],
    ['t2 Unknown, t1 Running', '245 251 254'],
    ['t1 Running, t2 Deleted', '259'],
    ['t2 Stopped, t1 Running', '277'],
    ['t1 Suspended', '289'],
    ['t1 Deleted', '312'],
    ['td Unknown, ta Stopped, tb Running, t1 Deleted', '322'],
    ['ta Stopped, tb Running, t1 Deleted', '324 328'],
    ['te Unknown, ta Stopped, tb Running, t1 Deleted', '325'],
    ['tf Unknown, ta Stopped, tb Running, t1 Deleted', '331-332 335'],
    ['tf Stopped, ta Stopped, tb Running, t1 Deleted', '337'],
    ['ta-clone3 Stopped, tacopy Stopped, ta-clone1 Stopped, ta Stopped, tb Running, t1 Deleted', '344 348'],
    ['ta-clone3 Stopped, ta-clone1 Stopped, ta Stopped, tb Running', '351'],
    ['ta Stopped, tb Running', '353-354 357'],
    ['ta Stopped', '361 364 372-376 386'],
    ['ta Running', '363 369-371 393 396 399-400 405 412 418'],
    ['ta Starting', '378 398'],
    ['ta Unknown', '380 382'],
    ['ta Delayed Shutdown', '389'],
    ['tj Unknown, ti Unknown, ta Running', '410'],
    ['v1 Starting', '424'],
    ['v1 Stopped', '438 440'],
  ]);

  it.each(answers)('%s is read as %s', (id, states) => {
    const { stdout } = recorded(id);
    // The recorded instances have names that are not ours.
    expect(parseStates(stdout)).toEqual(new Map());
    const ours = parseStates(
      stdout.replaceAll(/"name": "([^"]*)"/g, (_, name: string) => `"name": "${ourName(name)}"`),
    );
    const expected = states.split(', ').flatMap((words): [VmId, string][] => {
      const [, name = '', state = ''] = /^(\S+) (.+)$/.exec(words) ?? [];
      return name === '' ? [] : [[ourName(name), state]];
    });
    expect([...ours]).toEqual(expected);
    for (const state of ours.values()) expect(powerOf(state) === 'unknown').toBe(state === 'Unknown');
  });

  it('is in the table', () => {
    expect(answers.map(([id]) => id).sort()).toEqual(idsWhere((one) => isAnswer(one, 'list')));
  });
});

describe('an answer of info', () => {
  const answers = each<Readonly<Record<string, string | null>>>([
    [{}, '009'],
    [{ t1: '10.163.158.205' }, '068 071'],
    [{ t1: null }, '070 124 155-156 181 234 290'],
    [{ t2: null }, '255 260'],
    [{ t1: '10.163.158.205', t2: null }, '261'],
    [{ 'ta-clone1': null }, '345'],
    [{ tb: null }, '355'],
    [{ ta: null }, '365 390'],
    [{ v1: null }, '425'],
  ]);
  /** Of snapshots alone: these have no addresses, and the driver never asks. */
  const OF_SNAPSHOTS = '154';

  it.each(answers)('%s is read as %j', (id, addresses) => {
    const { stdout } = recorded(id);
    const ours = Object.entries(addresses).reduce(
      (text, [name]) => text.replace(`"${name}": {`, `"${ourName(name)}": {`),
      stdout,
    );
    for (const [name, address] of Object.entries(addresses))
      expect(parseInfo(ours, ourName(name)).address).toBe(address);
    expect(parseInfo(ours, ourName('nope')).address).toBeNull();
  });

  it('of a snapshot has another form', () => {
    expect(() => parseInfo(recorded(OF_SNAPSHOTS).stdout, ourName('t1'))).toThrow(
      expect.objectContaining({ code: 'HYPERVISOR_FAILED' }),
    );
  });

  it('is in the table', () => {
    expect([...answers.map(([id]) => id), OF_SNAPSHOTS].sort()).toEqual(idsWhere((one) => isAnswer(one, 'info')));
  });
});

describe('an answer of version', () => {
  const answers = each([
    [{ multipass: '1.16.3', multipassd: '1.16.3' }, '005'],
    [{ multipass: '1.16.3' }, '215 226 402'],
  ]);

  it.each(answers)('%s is read as %j', (id, version) => {
    expect(parseVersion(recorded(id).stdout)).toEqual(version);
  });

  it('is in the table', () => {
    expect(answers.map(([id]) => id).sort()).toEqual(idsWhere((one) => isAnswer(one, 'version')));
  });
});

describe('an answer of get', () => {
  // What is not a whole number of GiB is rounded up.
  const answers = each([
    [{ cpus: 1 }, '102 162 270'],
    [{ cpus: 2 }, '132'],
    [{ memory: 1 }, '101 104 136'],
    [{ disk: 5 }, '103'],
    [{ disk: 6 }, '141'],
  ]);
  const OTHERS = { cpus: '1', memory: '1.0GiB', disk: '5.0GiB' };
  /** Of the daemon, of snapshots, of the client, and lists of keys. */
  const OF_NO_INSTANCE = '036-037 106 165 219';

  it.each(answers)('%s is read as %j', (id, reading) => {
    const { args, stdout } = recorded(id);
    const [[property, value] = []] = Object.entries(reading);
    expect(args.at(-1)).toMatch(new RegExp(`^local\\.t\\d\\.${property}$`));
    const spec = parseProperties({ ...OTHERS, [property ?? '']: stdout });
    const read = { cpus: spec.cpu_cores, memory: spec.memory_gb, disk: spec.storage_gb };
    expect(Object.entries(read).find(([name]) => name === property)).toEqual([property, value]);
  });

  it('is in the table', () => {
    const listed = [...answers.map(([id]) => id), ...expand(OF_NO_INSTANCE)];
    expect(listed.sort()).toEqual(idsWhere(({ args, exit }) => exit === 0 && args[0] === 'get'));
  });
});

describe('the progress of a launch, a start or a restart', () => {
  const outputs = each([
    [[], '016 039-047 049-057 060-064 096 129 184 202 216 227 237 240 252 266 272 296 300 313 321 403 417 429'],
    [['creating'], '048 058-059 319 406-409'],
    [['creating', 'booting'], '066 190 316-317 327 330 411 416'],
    [['booting'], '014 098 182 207 228 242 248 257 263 297 333 362 366 377 381 383 387 392 436 439'],
  ]);

  it.each(outputs)('%s is read as %j, in pieces of any size', (id, phases) => {
    const { stdout } = recorded(id);
    for (const length of [1, 7, 64, stdout.length + 1]) {
      const read = createProgressReader();
      const seen: string[] = [];
      for (let at = 0; at < stdout.length; at += length) {
        const progress = read(stdout.slice(at, at + length));
        if (progress !== undefined) seen.push(progress.phase);
      }
      // A piece that holds two gives the last.
      expect(seen).toEqual(length === 1 ? phases : expect.arrayContaining(phases.slice(-1)));
    }
  });

  it('is in the table', () => {
    const verbs = ['launch', 'start', 'restart'];
    expect(outputs.map(([id]) => id).sort()).toEqual(idsWhere(({ args }) => verbs.includes(args[0] ?? '')));
  });
});
