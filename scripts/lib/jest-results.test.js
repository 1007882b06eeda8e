import { describe, expect, it } from '@jest/globals';
import { countResults } from './jest-results.js';

describe('countResults', () => {
  it('counts a test file that could not be loaded as a failure', () => {
    expect(
      countResults({
        numPassedTests: 3,
        numFailedTests: 1,
        numRuntimeErrorTestSuites: 2,
        numPendingTests: 1,
        numTodoTests: 0,
      }),
    ).toEqual({ passed: 3, failed: 3, skipped: 1 });
  });
});
