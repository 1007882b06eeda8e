/**
 * Whether a caught value is a system error with one of these codes, such as `ENOENT`. Not by `instanceof`, which is false for
 * errors that Node made outside a test runner's sandbox.
 */
export function isErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  );
}
