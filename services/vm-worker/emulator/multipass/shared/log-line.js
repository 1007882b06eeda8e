/**
 * A line as the daemon and the client log it.
 *
 * @param {string} category
 * @param {string} message
 * @returns {string}
 */
export function errorLogLine(category, message) {
  return `[${new Date().toISOString().slice(0, -1)}] [error] [${category}] ${message}\n`;
}
