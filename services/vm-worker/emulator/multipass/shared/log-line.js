/**
 * A line as the daemon and the client log it.
 *
 * @param {string} category
 * @param {string} message
 * @returns {string}
 */
export function errorLogLine(category, message) {
  return logLine('error', category, message);
}

/**
 * @param {'error' | 'warning' | 'trace'} level
 * @param {string} category
 * @param {string} message
 * @returns {string}
 */
export function logLine(level, category, message) {
  return `[${new Date().toISOString().slice(0, -1)}] [${level}] [${category}] ${message}\n`;
}
