import { describe, expect, it } from '@jest/globals';
import { renderEnvExample, renderErrorsPage, renderSettingsPage } from './documents.js';

const settings = [
  { name: 'A', description: 'What a is.', default: '7' },
  { name: 'B', description: 'One | other.', default: undefined },
];

describe('renderEnvExample', () => {
  it('sets nothing', () => {
    const lines = renderEnvExample(settings).split('\n');

    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
    expect(lines).toEqual(expect.arrayContaining(['# What a is.', '#A=7', '#B=']));
  });
});

describe('renderSettingsPage', () => {
  it('has a row for each setting, with no stray column', () => {
    expect(renderSettingsPage(settings)).toContain('| `A` | `7` | What a is. |\n| `B` | unset | One \\| other. |\n');
  });
});

describe('renderErrorsPage', () => {
  it('has a row for each code', () => {
    const entry = { status: 409, title: 'It is so', retryable: true, remedy: 'Wait.' };

    expect(renderErrorsPage({ IT_IS_SO: entry })).toContain('| `IT_IS_SO` | 409 | yes | It is so | Wait. |\n');
  });
});
