/** The hex digest of a file in a list as `sha256sum` writes it: `<hex> [ *]<name>` lines. Undefined where it is not listed. */
export function findChecksum(list: string, file: string): string | undefined {
  for (const line of list.split('\n')) {
    const match = /^([0-9a-fA-F]{64,128}) [ *](?:\.\/)?(\S+)\s*$/.exec(line);
    if (match?.[2] === file) return match[1]?.toLowerCase();
  }
  return undefined;
}
