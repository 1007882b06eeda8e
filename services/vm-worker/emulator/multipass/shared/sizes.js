/** Less is refused, in bytes. */
export const MIN_MEMORY = 128 * 1024 ** 2;
export const MIN_DISK = 512 * 1024 ** 2;

const FACTORS = new Map([
  ['', 1],
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
]);

/**
 * Bytes of a size such as `512M`, `1.5GiB` or `4096`; undefined for a text that is none.
 *
 * @param {string} text
 * @returns {number | undefined}
 */
export function parseSize(text) {
  const match = /^(\d+)(\.\d+)?(?:([KMG])(?:i?B)?|B)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = '', fraction, unit = ''] = match;
  if (fraction !== undefined && unit === '') return undefined;
  return Math.floor(Number(whole + (fraction ?? '')) * (FACTORS.get(unit.toUpperCase()) ?? 1));
}

/**
 * A size for people: one decimal, the largest binary unit that fits.
 *
 * @param {number} bytes
 * @returns {string}
 */
export function humanSize(bytes) {
  for (const [unit, factor] of [...FACTORS].reverse()) {
    if (bytes >= factor && unit !== '') return `${(Math.trunc((bytes * 10) / factor) / 10).toFixed(1)}${unit}iB`;
  }
  return `${bytes}B`;
}
