/** Commands that cannot succeed, and the exit code of each. */
export const WRONG_COMMANDS: readonly (readonly [readonly string[], number])[] = [
  [['vms', 'show', 'nobody'], 66],
  [['vms', 'keys', 'nobody'], 66],
  [['jobs', 'show', 'op-00000000-0000-0000-0000-000000000000'], 66],
  [['jobs', 'watch', 'op-00000000-0000-0000-0000-000000000000'], 66],
  [['jobs', 'show', 'web'], 64],
  [['jobs', 'list', '--status', 'done'], 64],
  [['jobs', 'list', '--limit', '0'], 64],
  [['vms', 'resize', 'web'], 64],
  [['vms', 'resize', 'web', '--cpu', 'two'], 64],
  [['vms', 'create', 'x'], 64],
  [['vms', 'keys', 'add', 'web', 'laptop', '/nowhere'], 64],
  [['vms', 'explode'], 64],
  [['status', '--colour'], 64],
  [['status', '--url', 'nonsense'], 64],
  [['nonsense'], 64],
  [['status', '--url', 'http://127.0.0.1:1'], 69],
];
