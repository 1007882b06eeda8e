const NAME = /^(?:[a-zA-Z]|[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9])$/;

/**
 * Whether an instance or a snapshot may be called so.
 *
 * @param {string} name
 * @returns {boolean}
 */
export function isInstanceName(name) {
  return NAME.test(name);
}
