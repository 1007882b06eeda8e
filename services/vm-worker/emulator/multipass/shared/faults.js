import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Something that is to go wrong. Each is a file of the faults directory and happens once, the first by name first.
 *
 * - `hang`: the client never answers, and its request never reaches the daemon.
 * - `slow`: it reaches the daemon only after `ms`.
 * - `refuse`: the client ends with `exitCode` and `text` on standard error; the daemon is not asked.
 * - `rubbish`: it ends with 0 and `text` on standard output; the daemon is not asked.
 * - `truncate`: everything happens, but only the first half of standard output is written.
 * - `noise`: everything happens, and log lines of the daemon come on standard error.
 * - `die`: the client is killed `ms` after its request went out; the daemon goes on.
 * - `crash`: the daemon is killed `ms` after the request came in.
 * - `wedge`: the daemon does nothing any more from when the request comes in. It answers nobody and heeds no SIGTERM.
 *
 * @typedef {object} Fault
 * @property {string} command The command that it happens to, `*` for any.
 * @property {'hang' | 'slow' | 'refuse' | 'rubbish' | 'truncate' | 'noise' | 'die' | 'crash' | 'wedge'} kind
 * @property {number} [ms]
 * @property {number} [exitCode]
 * @property {string} [text]
 */

/**
 * Takes the next fault that waits for a command, if there is one.
 *
 * @param {string} directory
 * @param {string} command
 * @returns {Fault | undefined}
 */
export function takeFault(directory, command) {
  for (const name of readdirSync(directory).sort()) {
    if (!name.endsWith('.json')) continue;
    const file = join(directory, name);
    try {
      /** @type {Fault} */
      const fault = JSON.parse(readFileSync(file, 'utf8'));
      if (fault.command !== command && fault.command !== '*') continue;
      rmSync(file);
      return fault;
    } catch (error) {
      // Another client of the same moment has taken it.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return undefined;
}
