import { isDeadline, pause, withDeadline } from '@golem-provider/service-kit';
import { readFrom, sizeOf } from './log-files.ts';
import { allListening, findMaster, listeningOf, signalProcess, workersOf } from './nginx-process.ts';
import type { NginxProgram } from './nginx-program.ts';
import { type NginxRefusal, parseRefusal, tellsOfFailedReload } from './nginx-refusal.ts';

const EFFECT_TIMEOUT_MS = 15_000;
/** Between two looks: soon at first, as a reload mostly takes a few hundredths of a second, then ever more rarely. */
const EFFECT_INTERVALS_MS = { first: 2, growth: 1.3, longest: 25 } as const;

/** Which nginx is meant, as its command line and its files say. */
export interface NginxIdentity {
  /** Arguments that every call needs (`-c`, `-p`). */
  readonly args: readonly string[];
  readonly pidFile: string;
  /** Where it tells why a reload failed; undefined when that is not known. */
  readonly errorLog: string | undefined;
  /** Whether a master with this title is the one. */
  readonly isOurs: (title: string) => boolean;
}

/** The ports whose fate tells whether a reload took effect. */
export interface ExpectedPorts {
  readonly open: readonly number[];
  readonly closed: readonly number[];
  /**
   * That all else stays as it is: earlier workers do no harm then, and need not be waited for. nginx tells them to leave
   * a tenth of a second after the new ones are there, which each creation would wait for.
   */
  readonly isAddition?: boolean;
}

/** One nginx. Resolves with a refusal where nginx says no; throws AppError `PROXY_FAILED` where it gives no answer. */
export interface NginxControl {
  /** The process id of the master, when it runs. */
  master(): Promise<number | undefined>;
  /** The ports that it listens on. */
  ports(master: number): Promise<ReadonlySet<number>>;
  /** Whether the configuration as it lies on disk is valid. */
  test(signal: AbortSignal): Promise<NginxRefusal | undefined>;
  /** Starts it in the background, where it outlives us. Resolves when its workers run. */
  start(signal: AbortSignal): Promise<NginxRefusal | undefined>;
  /**
   * Makes it take the configuration. `nginx -s reload` succeeds also when the configuration is then not taken, so this
   * resolves without a refusal only when new workers have replaced all earlier ones, or stand beside them where ports are
   * only added, and the ports are as expected.
   */
  reload(expected: ExpectedPorts, signal: AbortSignal): Promise<NginxRefusal | undefined>;
  /**
   * Puts the program that is on disk now in the place of the one that runs, with the configuration as it lies on disk.
   * It takes the ports over without closing them; sessions live on in the earlier one, which ends with the last of them.
   */
  upgrade(expected: ExpectedPorts, signal: AbortSignal): Promise<NginxRefusal | undefined>;
}

type Look = () => Promise<'done' | 'not_yet' | NginxRefusal>;

/** Looks again and again until the effect is there or can no longer come. */
async function awaitEffect(look: Look, what: string, signal: AbortSignal): Promise<NginxRefusal | undefined> {
  const limited = withDeadline(signal, EFFECT_TIMEOUT_MS);
  const { first, growth, longest } = EFFECT_INTERVALS_MS;
  for (let intervalMs: number = first; ; intervalMs = Math.min(longest, intervalMs * growth)) {
    const seen = await look();
    if (seen === 'done') return undefined;
    if (seen !== 'not_yet') return seen;
    try {
      await pause(intervalMs, limited);
    } catch (error) {
      if (signal.aborted || !isDeadline(limited)) throw error;
      return { words: `${what} within ${EFFECT_TIMEOUT_MS / 1000} s`, files: [] };
    }
  }
}

/** Controls the nginx that an identity describes. */
export function createNginxControl(program: NginxProgram, identity: NginxIdentity): NginxControl {
  const { args, pidFile, errorLog, isOurs } = identity;
  const call = async (more: readonly string[], signal: AbortSignal): Promise<NginxRefusal | undefined> =>
    (await program.call([...more, ...args], signal)).refusal;
  const master = (): Promise<number | undefined> => findMaster(pidFile, isOurs);
  const ports = async (pid: number): Promise<ReadonlySet<number>> =>
    new Set((await listeningOf(pid)).map(({ port }) => port));

  /** Looks whether the ports are as expected; those to be closed are told by the sockets that are held now. */
  const portCheck = async (
    pid: number,
    { open, closed }: ExpectedPorts,
  ): Promise<(holder: number) => Promise<boolean>> => {
    const closing = (await listeningOf(pid)).filter(({ port }) => closed.includes(port));
    return async (holder) => {
      const held = await ports(holder);
      // Workers close a port a moment after the master did.
      const inodes = new Set((await allListening(holder)).map(({ inode }) => inode));
      return open.every((port) => held.has(port)) && !closing.some(({ inode }) => inodes.has(inode));
    };
  };

  return {
    master,
    ports,
    test: (signal) => call(['-t'], signal),
    async start(signal) {
      const refusal = await call([], signal);
      if (refusal !== undefined) return refusal;
      const look: Look = async () => {
        const pid = await master();
        return pid !== undefined && (await workersOf(pid)).active.length > 0 ? 'done' : 'not_yet';
      };
      return awaitEffect(look, 'no worker came up', signal);
    },
    async reload(expected, signal) {
      const pid = await master();
      if (pid === undefined) return { words: 'it does not run', files: [] };
      const earlier = new Set((await workersOf(pid)).active);
      const arePortsRight = await portCheck(pid, expected);
      const logStart = errorLog === undefined ? 0 : await sizeOf(errorLog);
      const refusal = await call(['-s', 'reload'], signal);
      if (refusal !== undefined) return refusal;
      const look: Look = async () => {
        const { active } = await workersOf(pid);
        const isEarlier = (worker: number): boolean => earlier.has(worker);
        const areThere = expected.isAddition === true ? !active.every(isEarlier) : !active.some(isEarlier);
        if (active.length > 0 && areThere && (await arePortsRight(pid))) return 'done';
        if ((await master()) !== pid) return { words: 'its master process ended', files: [] };
        const said = errorLog === undefined ? '' : await readFrom(errorLog, logStart);
        return tellsOfFailedReload(said) ? parseRefusal(said) : 'not_yet';
      };
      return awaitEffect(look, 'the new configuration was not taken', signal);
    },
    async upgrade(expected, signal) {
      const old = await master();
      if (old === undefined) return { words: 'it does not run', files: [] };
      const arePortsRight = await portCheck(old, expected);
      signalProcess(old, 'SIGUSR2');
      const isUp: Look = async () => {
        const pid = await master();
        return pid !== undefined && pid !== old && (await workersOf(pid)).active.length > 0 ? 'done' : 'not_yet';
      };
      const refusal = await awaitEffect(isUp, 'the upgraded program did not take over', signal);
      if (refusal !== undefined) return refusal;
      signalProcess(old, 'SIGQUIT');
      const isAlone: Look = async () => {
        const pid = await master();
        if (pid === undefined) return { words: 'its master process ended', files: [] };
        return (await workersOf(old)).active.length === 0 && (await arePortsRight(pid)) ? 'done' : 'not_yet';
      };
      return awaitEffect(isAlone, 'the earlier program did not retire', signal);
    },
  };
}
