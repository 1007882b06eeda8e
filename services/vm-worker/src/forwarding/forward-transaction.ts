import { basename, dirname } from 'node:path';
import type { VmId } from '@golem-provider/contracts';
import { AppError, type Logger } from '@golem-provider/service-kit';
import type { ForwardDirectory } from './forward-directory.ts';
import { forwardFileName, type ForwardFileOptions, parseForwardFile, renderForwardFile } from './forward-file.ts';
import type { NginxInstallation } from './nginx-installation.ts';
import { type NginxRefusal, refusalError, tellsOfUpgradedProgram } from './nginx-refusal.ts';
import { isPortFree } from './port-probe.ts';
import type { ForwardOutcome, PortForward } from './port-forwarder.ts';
import type { Settled } from '../exec/batcher.ts';

/** What can be asked of the proxy. `ensure`: that it runs with what is configured. */
export type ForwardChange =
  | { readonly kind: 'ensure' }
  | { readonly kind: 'forward'; readonly forward: PortForward }
  | { readonly kind: 'remove'; readonly vmId: VmId };

/** What a transaction works on. */
export interface TransactionParts {
  readonly installation: NginxInstallation;
  readonly directory: ForwardDirectory;
  readonly fileOptions: ForwardFileOptions;
  readonly logger: Logger;
  /** Whether nginx has not been seen to take the files as they are. */
  readonly isStale: boolean;
}

/** A change whose file is in place: its text before and after, undefined where there is none. */
interface Placed {
  readonly change: Exclude<ForwardChange, { kind: 'ensure' }>;
  readonly name: string;
  before: string | undefined;
  readonly after: string | undefined;
}

const SERVE_ATTEMPTS = 3;

/**
 * Makes several changes of the proxy's configuration with one reload. A change that nginx refuses, or whose port is busy,
 * is undone by itself; the others succeed. Resolves with a result for each. When it rejects, none of them was made.
 */
export async function runForwardTransaction(
  changes: readonly ForwardChange[],
  { installation, directory, fileOptions, logger, isStale: isStaleBefore }: TransactionParts,
  signal: AbortSignal,
): Promise<Settled<ForwardOutcome>[]> {
  const { control } = installation;
  const results = new Map<ForwardChange, Settled<ForwardOutcome>>();
  let placed: Placed[] = [];
  let isStale = isStaleBefore;

  const portOf = (name: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseForwardFile(name, text)?.port;
  const restore = async (some: readonly Placed[]): Promise<void> => {
    for (const { name, before } of some.toReversed()) await directory.put(name, before);
  };
  const drop = async (entry: Placed, result: Settled<ForwardOutcome>): Promise<void> => {
    await restore([entry]);
    results.set(entry.change, result);
    placed = placed.filter((other) => other !== entry);
  };
  const wasRunning = (await control.master()) !== undefined;
  const heldPorts = async (): Promise<ReadonlySet<number>> => {
    const master = await control.master();
    if (master !== undefined) return control.ports(master);
    // Its workers go on and hold the ports: every one of them would be taken for another program's. The next change starts it again.
    if (wasRunning) throw new AppError('PROXY_FAILED', 'looking at the ports of the proxy: its master process ended');
    return new Set();
  };

  /**
   * Files that an earlier version wrote, or that were written when the host had other addresses. One that cannot be read
   * would keep nginx from taking any change.
   */
  const refresh = async (): Promise<void> => {
    const unreadable: string[] = [];
    const files = await directory.read((name, err) => {
      logger.error({ err, file: name }, 'a file of the proxy cannot be read: it is taken away');
      unreadable.push(name);
    });
    for (const name of unreadable) {
      await directory.discard(name);
      isStale = true;
    }
    for (const [name, text] of files) {
      const forward = parseForwardFile(name, text);
      if (forward === undefined || renderForwardFile(forward, fileOptions) === text) continue;
      await directory.put(name, renderForwardFile(forward, fileOptions));
      isStale = true;
    }
  };
  /**
   * One port that is taken would keep nginx from starting, or from taking any other change: whatever wants it is left
   * out. Resolves with whether there was any.
   */
  const leaveOutBusy = async (): Promise<boolean> => {
    const held = await heldPorts();
    let isAny = false;
    for (const [name, text] of await directory.read()) {
      const port = portOf(name, text);
      if (port === undefined || held.has(port) || (await isPortFree(port))) continue;
      isAny = true;
      const entry = placed.find((other) => other.name === name);
      if (entry !== undefined) {
        await drop(entry, { ok: true, outcome: 'port_busy' });
        continue;
      }
      logger.warn({ file: name, port }, 'another program holds the port of a VM: its forward is left out');
      await directory.put(name, undefined);
    }
    return isAny;
  };
  const place = async (
    change: Placed['change'],
    files: ReadonlyMap<string, string>,
    held: ReadonlySet<number>,
  ): Promise<void> => {
    const name = forwardFileName(change.kind === 'remove' ? change.vmId : change.forward.vmId);
    const before = files.get(name);
    const after = change.kind === 'remove' ? undefined : renderForwardFile(change.forward, fileOptions);
    if (change.kind === 'forward') {
      const { port } = change.forward;
      const isServed = held.has(port) && portOf(name, before) === port;
      // An nginx of ours alone still holds the port of a file that was taken away, until it is told.
      const isClaimed = [...files].some(([other, text]) => other !== name && portOf(other, text) === port);
      const isLeft = installation.isPrivate && held.has(port) && !isClaimed;
      if (!isServed && !isLeft && !(await isPortFree(port))) {
        results.set(change, { ok: true, outcome: 'port_busy' });
        return;
      }
      if (!isServed && before === after) isStale = true;
    }
    placed.push({ change, name, before, after });
    if (before !== after || after === undefined) await directory.put(name, after);
  };
  const placeAll = async (): Promise<void> => {
    const files = await directory.read();
    const held = await heldPorts();
    for (const change of changes) {
      if (change.kind === 'ensure') continue;
      try {
        await place(change, files, held);
      } catch (error) {
        const entry = placed.find((other) => other.change === change);
        const failure = new AppError('PROXY_FAILED', 'writing the forward of a VM', { cause: error });
        if (entry === undefined) results.set(change, { ok: false, error: failure });
        else await drop(entry, { ok: false, error: failure });
      }
    }
  };

  /** Sets aside files that nginx refuses although no change of ours is in place. */
  const mendOthers = async (): Promise<void> => {
    for (;;) {
      const refusal = await control.test(signal);
      if (refusal === undefined) return;
      const names = new Set((await directory.read()).keys());
      const ours = refusal.files.filter((file) => dirname(file) === directory.path).map((file) => basename(file));
      const offender = ours.find((name) => names.has(name));
      if (offender === undefined) throw refusalError('testing the configuration', refusal);
      logger.error({ file: offender, words: refusal.words }, 'nginx refuses a file: it is set aside');
      await directory.setAside(offender);
      for (const entry of placed) if (entry.name === offender) entry.before = undefined;
      isStale = true;
    }
  };
  const validate = async (): Promise<void> => {
    if ((await control.test(signal)) === undefined) return;
    await restore(placed);
    await mendOthers();
    for (const entry of [...placed]) {
      await directory.put(entry.name, entry.after);
      const refusal = await control.test(signal);
      if (refusal === undefined) continue;
      await drop(entry, { ok: false, error: refusalError('testing the forward of a VM', refusal) });
    }
  };

  const serveOnce = async (): Promise<NginxRefusal | undefined> => {
    if ((await control.master()) === undefined) return control.start(signal);
    const open = [...(await directory.read())].flatMap(([name, text]) => portOf(name, text) ?? []);
    const earlier = placed.flatMap(({ name, before }) => portOf(name, before) ?? []);
    const isAddition = !isStale && placed.every(({ before, after }) => before === undefined || before === after);
    const expected = { open, closed: earlier.filter((port) => !open.includes(port)), isAddition };
    const started = performance.now();
    const refusal = await control.reload(expected, signal);
    logger.debug({ changes: placed.length, duration_ms: Math.round(performance.now() - started) }, 'reloaded nginx');
    if (refusal === undefined || !installation.isPrivate || !tellsOfUpgradedProgram(refusal)) return refusal;
    logger.info({ words: refusal.words }, 'nginx was upgraded: the new program takes over');
    return control.upgrade(expected, signal);
  };
  const serve = async (): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      const refusal = await serveOnce();
      if (refusal === undefined) return;
      // A port that was free when it was tested may be taken by the time nginx listens.
      const isWorthAnotherTry = attempt < SERVE_ATTEMPTS && (await leaveOutBusy());
      if (!isWorthAnotherTry) throw refusalError('putting forwards into service', refusal);
    }
  };

  if (!wasRunning) {
    try {
      await installation.prepareStart(signal);
    } catch (error) {
      // No proxy, no open port: what is to be closed is closed already.
      if (!changes.some(({ kind }) => kind === 'remove')) throw error;
      const failure = error instanceof Error ? error : new Error(String(error));
      for (const { vmId } of changes.filter((change) => change.kind === 'remove')) {
        await directory.put(forwardFileName(vmId), undefined);
      }
      return changes.map(({ kind }) =>
        kind === 'remove' ? { ok: true, outcome: 'forwarded' } : { ok: false, error: failure },
      );
    }
  }
  if (await installation.prepare(signal)) isStale = true;
  await refresh();
  await leaveOutBusy();
  const isRunning = (await control.master()) !== undefined;
  try {
    await placeAll();
    const isDue = (): boolean => isStale || !isRunning || placed.some(({ before, after }) => before !== after);
    if (isDue()) {
      await validate();
      if (isDue()) await serve();
    }
  } catch (error) {
    await restore(placed);
    throw error;
  }
  return changes.map((change) => results.get(change) ?? { ok: true, outcome: 'forwarded' });
}
