/** Whether an error says that there is no such file. Not by its class: jest's errors are of another world. */
export function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
