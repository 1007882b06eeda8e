// Run through `npm test`, which gives Node the flag that jest needs for ES modules.
const common = {
  testEnvironment: 'node',
  cacheDirectory: '<rootDir>/.cache/jest',
  roots: ['bench', 'chaos', 'packages', 'scripts', 'services', 'tests'].map((folder) => `<rootDir>/${folder}`),
  testEnvironmentOptions: { customExportConditions: ['@golem-provider/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  modulePathIgnorePatterns: ['/dist/', '/.cache/'],
};

/** A project for the tests whose names end in `.<kind>.test.ts`. */
const project = (kind) => ({ ...common, displayName: kind, testMatch: [`**/*.${kind}.test.ts`] });

export default {
  // There to end a test that hangs, also on a busy machine, not to decide one. Tests that boot guests set their own.
  testTimeout: 60_000,
  projects: [
    // Pure logic and modules with nothing but themselves.
    {
      ...common,
      displayName: 'unit',
      testMatch: ['**/*.test.ts', '**/scripts/**/*.test.js'],
      testPathIgnorePatterns: ['/node_modules/', '\\.[a-z]+\\.test\\.ts$'],
    },
    // Real Redis, nginx, sshd: whatever starts in a moment.
    project('real'),
    // A real guest boots.
    project('guest'),
    // A provider that is used hard for many minutes; not part of `npm test`.
    project('live'),
    // Images are built and run by a Docker engine; not part of `npm test`.
    project('compose'),
  ],
};
