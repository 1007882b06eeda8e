import { describe, expect, it } from '@jest/globals';
import { EXIT_CODES } from '../exit-codes.ts';
import { chosenAction, RECOVER_ACTIONS } from './recover-vm.ts';

describe('chosenAction', () => {
  it.each(RECOVER_ACTIONS)('is the one that was given: %s', (action) => {
    expect(chosenAction({ [action]: true, json: true })).toBe(action);
  });
  it.each([{}, { retry: true, delete: true }, { retry: true, adopt: true, recreate: true, delete: true }])(
    'is not guessed from %j',
    (options) => {
      expect(() => chosenAction(options)).toThrow(
        expect.objectContaining({
          exitCode: EXIT_CODES.usage,
          message: expect.stringContaining('--retry, --adopt, --recreate, --delete'),
        }),
      );
    },
  );
});
