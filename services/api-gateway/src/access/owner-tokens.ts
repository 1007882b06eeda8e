import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { OperationId, OwnerId } from '@golem-provider/contracts';

const PREFIX = 'gpo_';
const KEY_BYTES = 32;

/** The tokens of owners. Each is made from the operation that created the first VM of its owner, so none is stored. */
export interface OwnerTokens {
  /** The token of the owner of what an operation creates; always the same for an operation. */
  issue(operation: OperationId): string;
  /** The owner that a token speaks for; undefined for a text that is no token of ours. */
  ownerOf(token: string): OwnerId | undefined;
}

/** The owner to whom a token belongs. */
function ownerId(token: string): OwnerId {
  return OwnerId.parse(createHash('sha256').update(token).digest('hex'));
}

/** Tokens under a secret of this provider: `gpo_<operation's id>.<HMAC-SHA-256 of it>`. */
export function createOwnerTokens(secret: Uint8Array): OwnerTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'golem-provider owner tokens', KEY_BYTES));
  const macOf = (operation: string): Buffer => createHmac('sha256', key).update(operation).digest();
  const issue = (operation: OperationId): string =>
    `${PREFIX}${operation.slice('op-'.length)}.${macOf(operation).toString('base64url')}`;
  return {
    issue,
    ownerOf(token) {
      const [id = ''] = token.slice(PREFIX.length).split('.');
      const operation = OperationId.safeParse(`op-${id}`);
      if (!token.startsWith(PREFIX) || !operation.success) return undefined;
      const [given, genuine] = [Buffer.from(token), Buffer.from(issue(operation.data))];
      if (given.length !== genuine.length || !timingSafeEqual(given, genuine)) return undefined;
      return ownerId(token);
    },
  };
}
