import { randomBytes } from 'node:crypto';
import { readOrWriteOnce } from './write-once.ts';

const TOKEN_BYTES = 32;

/**
 * The operator's token in a file of mode 0600, made on the first call. Who can read the file may do everything over the API,
 * from anywhere: `Authorization: Bearer <token>`.
 */
export async function loadOperatorToken(path: string): Promise<string> {
  const token = `gpa_${randomBytes(TOKEN_BYTES).toString('base64url')}\n`;
  return (await readOrWriteOnce(path, token)).toString('utf8').trim();
}
