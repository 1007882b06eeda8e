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
 * @typedef {object} MetricEntry
 * @property {string} name
 * @property {string} type
 * @property {string} from
 * @property {string} help
 * @property {readonly string[]} labels
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

/**
 * @param {readonly MetricEntry[]} metrics
 * @param {readonly string[]} processMetrics
 */
export function renderMetricsPage(metrics, processMetrics) {
  const rows = metrics.map(({ name, type, from, help, labels }) => [
    code(name),
    type,
    labels.map(code).join(' '),
    from === 'records' ? 'records' : from,
    help,
  ]);
  return `# Metrics

\`GET /metrics\` of the API answers Prometheus with everything that the node knows about itself. It is the operator's alone: on
the machine itself it needs no token, unless \`GOLEM_PROVIDER_AUTH=token\`; from elsewhere, or through a proxy, it takes the operator's
([security](security.md)). No program is run for a scrape.

- "records": levels, computed from Redis when they are asked for. What nobody has reported yet is absent, not zero.
- A service's name: what that service counts. Each leaves its numbers in Redis every five seconds; they can be read for half a
  minute after its end. Processes of one service are added up. See [ADR 10](adr/0010-metrics-travel-through-redis.md).

Prometheus on the same machine:

\`\`\`yaml
scrape_configs:
  - job_name: golem-provider
    static_configs:
      - targets: ['127.0.0.1:7466']
rule_files:
  - /etc/prometheus/golem-provider.rules.yml
\`\`\`

The rules are [deploy/prometheus/golem-provider.rules.yml](../deploy/prometheus/golem-provider.rules.yml), the dashboard is
[deploy/grafana/golem-provider.json](../deploy/grafana/golem-provider.json). A Prometheus elsewhere is given a copy of the file
\`operator-token\` of the data directory and names it as \`authorization: { credentials_file: … }\`. That token may do everything, so send
it through an ssh tunnel or TLS; an agent on the machine that writes to Prometheus needs none. This page is made by \`npm run generate\`.

${table(['Metric', 'Type', 'Labels', 'From', 'Meaning'], rows)}

Each service tells of its own process too, with the label \`service\`: ${processMetrics.map(code).join(', ')}.
The lag of the event loop is looked at every 100 ms, and counts from the look before: a service that nothing holds up shows 0.1 s.
`;
}
