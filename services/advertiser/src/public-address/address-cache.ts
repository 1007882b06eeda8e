import { readFile, rename, writeFile } from 'node:fs/promises';
import { isErrorCode, type Logger } from '@golem-provider/service-kit';
import { parsePublicAddress } from './address-vote.ts';

/** Keeps the public address that was found last, for a start at which nobody can be asked. */
export interface AddressCache {
  /** Undefined where none is kept, or none that can be read. */
  read(): Promise<string | undefined>;
  /** One that cannot be written is only told in the log. */
  write(address: string): Promise<void>;
}

/** The cache in a file. */
export function createAddressCache(path: string, logger: Logger): AddressCache {
  return {
    async read() {
      try {
        return parsePublicAddress(await readFile(path, 'utf8'));
      } catch (err) {
        if (!isErrorCode(err, 'ENOENT')) logger.warn({ err }, 'the public address that was found last cannot be read');
        return undefined;
      }
    },
    async write(address) {
      const draft = `${path}.new`;
      try {
        await writeFile(draft, `${address}\n`, { mode: 0o644 });
        await rename(draft, path);
      } catch (err) {
        logger.warn({ err }, 'the public address cannot be kept for the next start');
      }
    },
  };
}
