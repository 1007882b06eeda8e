/**
 * @typedef {object} Results
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** @type {Results} */
export const NO_RESULTS = { passed: 0, failed: 0, skipped: 0 };

/** @param {Results} results */
export function describeResults({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

/**
 * The counts in what jest writes with `--json`. A test file that could not even be loaded counts as one failure.
 *
 * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, numPendingTests: number, numTodoTests: number }} report
 * @returns {Results}
 */
export function countResults(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
