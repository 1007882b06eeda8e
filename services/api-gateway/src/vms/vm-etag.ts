import { createHash } from 'node:crypto';
import type { VmRecord } from '@golem-provider/contracts';

/** The entity tag of a VM as it is shown: another one whenever anything of it has changed. */
export function vmEtag({ id, revision }: Pick<VmRecord, 'id' | 'revision'>, proxyHost: string): string {
  const place = createHash('sha256').update(`${id} ${proxyHost}`).digest('base64url').slice(0, 8);
  return `"${revision}-${place}"`;
}

/** How tags are compared (RFC 9110, 8.8.3.2). */
type Comparison = 'weak' | 'strong';

/**
 * Whether one of the tags of an `If-Match` (compared strongly) or `If-None-Match` (weakly) header is this one; `*` is any.
 * A header that is not one of tags matches nothing.
 */
export function matchesEtag(header: string, etag: string, comparison: Comparison): boolean {
  if (header.trim() === '*') return true;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}

/** Whether a VM is still as its requestor saw it. */
export type Precondition = (vm: VmRecord) => boolean;

/** The precondition of an `If-Match` header; undefined where there is none. */
export function ifMatch(header: string | undefined, proxyHost: string): Precondition | undefined {
  return header === undefined ? undefined : (vm) => matchesEtag(header, vmEtag(vm, proxyHost), 'strong');
}
