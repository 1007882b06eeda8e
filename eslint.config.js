import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** One home for each heavy library: nobody else imports it. */
const homes = [
  { library: 'execa', home: ['services/vm-worker/src/exec/**', 'packages/cli/src/exec/**'] },
  { library: 'axios', home: ['services/advertiser/src/discovery/**', 'services/advertiser/src/public-address/**'] },
  { library: 'systeminformation', home: ['services/monitor/src/host-sampler.ts'] },
  { library: 'sshpk', home: ['services/vm-worker/src/keys/**'] },
  { library: 'prom-client', home: ['packages/service-kit/src/metrics/**'] },
  { library: 'yaml', home: ['services/vm-worker/src/cloud-init/**'] },
];

export default defineConfig(
  globalIgnores(['**/dist/', '.cache/', '**/*.d.ts', 'packages/client/src/api.ts']),
  js.configs.recommended,
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        AbortSignal: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        module: 'writable',
      },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // Ten of seventeen seconds of rule time on zod's types, and it finds what the other no-unsafe rules find.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      'no-restricted-imports': [
        'error',
        ...homes.map(({ library }) => ({ name: library, message: `${library} has one home; see eslint.config.js.` })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only programs read the environment.' },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  ...homes.map(({ library, home }) => ({
    files: home,
    rules: {
      'no-restricted-imports': [
        'error',
        ...homes.filter((other) => other.library !== library).map((other) => ({ name: other.library })),
      ],
    },
  })),
  {
    files: [
      '**/main.ts',
      '**/prepare-host.ts',
      '**/vm-worker/src/doctor.ts',
      '**/stop-vms.ts',
      'services/vm-worker/src/audit.ts',
      '**/*.test.ts',
      'packages/testing/**',
      'tests/**',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
);
