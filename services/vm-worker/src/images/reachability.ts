import { withDeadline } from '@golem-provider/service-kit';
import { type CatalogueImage } from './catalogue.ts';

const REACHABLE_WITHIN_MS = 10_000;

/** Whether the server of an image answers a request for its list of checksums, or for the image itself, within 10 s. */
export async function isSourceReachable({ source }: CatalogueImage, signal: AbortSignal): Promise<boolean> {
  if (source.kind === 'file') return true;
  const { url, checksum } = source;
  const target = checksum !== null && 'listUrl' in checksum ? checksum.listUrl : url;
  try {
    const response = await fetch(target, { method: 'HEAD', signal: withDeadline(signal, REACHABLE_WITHIN_MS) });
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
