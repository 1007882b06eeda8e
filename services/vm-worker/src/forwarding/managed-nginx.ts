import { chmod, chown, copyFile, constants, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { AppError, isErrorCode } from '@golem-provider/service-kit';
import { FORWARD_FILE_GLOB } from './forward-file.ts';
import {
  editInstallation,
  includesForwards,
  type InstallationEdit,
  type InstallationWish,
  loadsStreamModule,
  mainValue,
} from './installation-conf.ts';
import { createNginxControl, type NginxControl } from './nginx-control.ts';
import type { NginxInstallation } from './nginx-installation.ts';
import type { NginxProgram } from './nginx-program.ts';
import { refusalError } from './nginx-refusal.ts';

const BACKUP_SUFFIX = '.golem-backup';

/** What manages an installation. */
export interface ManagedNginxOptions {
  /** The directory that holds its `nginx.conf`. */
  readonly directory: string;
  readonly configDirectory: string;
}

async function keepBackup(conf: string): Promise<void> {
  try {
    await copyFile(conf, conf + BACKUP_SUFFIX, constants.COPYFILE_EXCL);
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST')) throw error;
  }
}

/** Replaces a file in one step and keeps its mode and owner. */
async function replaceKept(path: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  const temporary = `${path}.golem-new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, text, { flag: 'wx' });
  await chmod(temporary, mode);
  await chown(temporary, uid, gid);
  await rename(temporary, path);
}

async function writeModuleFile(moduleFile: NonNullable<InstallationEdit['moduleFile']>): Promise<void> {
  try {
    await writeFile(moduleFile.path, moduleFile.text, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    throw new AppError('PROXY_FAILED', `adding ${moduleFile.path}, with which nginx is to load its stream module`, {
      cause: error,
      publicDetail: 'the nginx of the host could not be set up',
    });
  }
}

/** Reads what has to be known of an installation. @throws AppError `PROXY_FAILED` when its `nginx.conf` cannot be read. */
export async function createManagedNginx(
  program: NginxProgram,
  { directory, configDirectory }: ManagedNginxOptions,
): Promise<NginxInstallation> {
  const named = join(directory, 'nginx.conf');
  const understand = async <Value>(read: () => Value | Promise<Value>): Promise<Value> => {
    try {
      return await read();
    } catch (error) {
      throw new AppError('PROXY_FAILED', `reading ${named}`, {
        cause: error,
        publicDetail: 'the configuration of the nginx of the host could not be read',
      });
    }
  };
  const conf = await understand(() => realpath(named));
  const text = await understand(() => readFile(conf, 'utf8'));
  const pid = await understand(() => mainValue(text, 'pid'));
  const log = await understand(() => mainValue(text, 'error_log'));
  const underPrefix = (path: string): string => (isAbsolute(path) ? path : join(program.build.prefix, path));
  const isFile = log !== undefined && log !== 'stderr' && !/^(?:syslog|memory):/.test(log);
  const control: NginxControl = createNginxControl(program, {
    args: ['-c', named],
    pidFile: pid === undefined ? program.build.pidFile : underPrefix(pid),
    errorLog: isFile ? underPrefix(log) : log === undefined ? program.build.errorLog : undefined,
    isOurs: () => true,
  });
  const wish = { directory, includeGlob: join(configDirectory, FORWARD_FILE_GLOB) };
  // The operator may have put the include into a file that nginx.conf includes.
  let isIncludedElsewhere = false;

  const apply = async (before: string, edit: InstallationEdit, signal: AbortSignal): Promise<void> => {
    await keepBackup(conf);
    if (edit.moduleFile !== undefined) await writeModuleFile(edit.moduleFile);
    await replaceKept(conf, edit.conf);
    const undo = async (): Promise<void> => {
      await replaceKept(conf, before);
      if (edit.moduleFile !== undefined) await rm(edit.moduleFile.path);
    };
    let refusal;
    try {
      refusal = await control.test(signal);
    } catch (error) {
      await undo();
      throw error;
    }
    if (refusal === undefined) return;
    await undo();
    const doing = `adding to ${named}; alternatively add this by hand to its stream block: include ${wish.includeGlob};`;
    throw refusalError(doing, refusal);
  };

  return {
    control,
    isPrivate: false,
    async prepare(signal) {
      if (isIncludedElsewhere) return false;
      const before = await understand(() => readFile(conf, 'utf8'));
      const isIncluded = (all: string): boolean => includesForwards(all, { ...wish, missingModule: undefined });
      if (await understand(() => isIncluded(before))) return false;
      const { stdout: dump, refusal } = await program.call(['-T', '-c', named], signal);
      if (refusal !== undefined) throw refusalError(`testing ${named} before it is added to`, refusal);
      isIncludedElsewhere = await understand(() => isIncluded(dump));
      if (isIncludedElsewhere) return false;
      const { stream, streamModule } = program.build;
      const isMissing = stream === 'dynamic' && !(await understand(() => loadsStreamModule(dump)));
      const full: InstallationWish = { ...wish, missingModule: isMissing ? streamModule : undefined };
      await apply(before, await understand(() => editInstallation(before, full)), signal);
      return true;
    },
    prepareStart: () =>
      Promise.reject(
        new AppError('PROXY_FAILED', `the nginx of ${directory} does not run: start it (systemctl start nginx)`, {
          publicDetail: 'the nginx of the host does not run',
        }),
      ),
  };
}
