import { expect, it } from '@jest/globals';
import { isSupportedVersion, versionProblem } from './multipass-version.ts';

it.each([
  ['1.13.0', true],
  ['1.13.1+mac', true],
  ['1.16.3', true],
  ['1.17.0-dev.1288+gabcdef', true],
  ['2.0.0', true],
  ['1.12.2', false],
  ['1.9.1', false],
  ['0.99.0', false],
  ['1.130', true],
  ['latest', false],
  ['', false],
])('supports version %j: %s', (version, isSupported) => {
  expect(isSupportedVersion(version)).toBe(isSupported);
});

it.each([
  [{ multipass: '1.16.3', multipassd: '1.16.3' }, undefined],
  [{ multipass: '1.16.3' }, 'its daemon does not run or refuses this user'],
  [{ multipass: '1.12.0', multipassd: '1.16.3' }, 'version 1.12.0 is older than 1.13'],
  [{ multipass: '1.16.3', multipassd: '1.10.1' }, 'version 1.10.1 is older than 1.13'],
])('tells of %j: %s', (version, problem) => {
  expect(versionProblem(version)).toBe(problem);
});
