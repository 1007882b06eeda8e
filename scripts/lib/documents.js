/**
 * @typedef {object} Setting
 * @property {string} name
 * @property {string} description
 * @property {string | undefined} default
 */

/**
 * @typedef {object} ErrorEntry
 * @property {number} status
 * @property {string} title
 * @property {boolean} retryable
 * @property {string} remedy
 */

/**
 * Every setting with its meaning and its default, all of them commented out: a copy of this file changes nothing.
 *
 * @param {readonly Setting[]} settings
 */
export function renderEnvExample(settings) {
  const head =
    '# Settings of the provider node. Copy this file to .env and take away the # of what you change; what is set in the\n' +
    '# environment goes before. Made by `npm run generate`.\n';
  return [
    head,
    ...settings.map(({ name, description, default: value }) => `# ${description}\n#${name}=${value ?? ''}\n`),
  ].join('\n');
}

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {string} text */
const code = (text) => `\`${text}\``;

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
}

/** @param {readonly Setting[]} settings */
export function renderSettingsPage(settings) {
  const rows = settings.map(({ name, description, default: value }) => [
    code(name),
    value === undefined || value === '' ? 'unset' : code(value),
    description,
  ]);
  return `# Settings

Set in the environment, or in a file \`.env\` in the directory of the start or above it; the environment goes before. All are
checked at the start: a wrong value, or a misspelt name, ends it with a line that names it. \`.env.example\` holds all of
them with their defaults. This page is made by \`npm run generate\`.

${table(['Variable', 'Default', 'Meaning'], rows)}
`;
}

/** @param {Readonly<Record<string, ErrorEntry>>} entries */
export function renderErrorsPage(entries) {
  const rows = Object.entries(entries).map(([name, { status, title, retryable, remedy }]) => [
    code(name),
    String(status),
    retryable ? 'yes' : 'no',
    title,
    remedy,
  ]);
  return `# Error codes

A failure reaches a requestor as a problem document (RFC 9457) with one of these in \`code\`. Codes are never renamed.
"Retry" says whether the same request may succeed later although nobody changed anything. This page is made by
\`npm run generate\`.

${table(['Code', 'HTTP status', 'Retry', 'Meaning', 'What to do'], rows)}
`;
}
