/** Rows as text in columns, each as wide as its widest cell, two spaces apart; numbers of rows and columns as given. Pure. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map((row) => `${line(row)}\n`).join('');
}

/** Names and values, the values in one column. Pure. */
export function renderPairs(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** How long ago a moment was, in the largest unit that fits: `3 d`, `5 h`, `12 min`, `40 s`. Pure. */
export function renderAge(moment: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(moment)) / 1000));
  if (seconds >= DAY_S) return `${Math.floor(seconds / DAY_S)} d`;
  if (seconds >= HOUR_S) return `${Math.floor(seconds / HOUR_S)} h`;
  if (seconds >= MINUTE_S) return `${Math.floor(seconds / MINUTE_S)} min`;
  return `${seconds} s`;
}
