/** One line of a log: what every logger of ours writes, and the rest. */
export interface LogRecord {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How lines are rendered for people. */
export interface RenderOptions {
  readonly isColoured: boolean;
  /** Names of services are padded to this width. */
  readonly nameWidth: number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    // Not every line in braces is JSON; it is shown as it came.
    return undefined;
  }
}

/** Reads a line; one that is not from a logger of ours, such as a stack trace, becomes a record of level `output`. */
export function parseLogLine(line: string, now: string): LogRecord {
  const object = parseObject(line);
  const [time, level, message] = [text(object?.['time']), text(object?.['level']), text(object?.['msg'])];
  if (object === undefined || time === undefined || level === undefined) {
    return { time: now, level: 'output', message: line, fields: {} };
  }
  const known = new Set(['time', 'level', 'msg', 'service', 'name']);
  const fields = Object.fromEntries(Object.entries(object).filter(([key]) => !known.has(key)));
  return { time, level, message: message ?? '', fields };
}

/** What came from outside may hold codes that move a terminal's cursor or worse. */
const printable = (value: string): string => value.replaceAll(/\p{Cc}/gu, ' ');

/** An error in short: its code and its chain of causes. The stack is for the file. */
function renderError(error: Readonly<Record<string, unknown>>): string {
  const code = text(error['code']);
  return `${code === undefined ? '' : `${code}: `}${text(error['chain']) ?? text(error['message']) ?? JSON.stringify(error)}`;
}

function renderField([key, value]: [string, unknown]): string {
  if (key === 'err' && isObject(value)) return `(${renderError(value)})`;
  const plain = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return `${key}=${plain}`;
}

const LEVEL_COLOURS: Readonly<Record<string, number>> = {
  debug: 90,
  trace: 90,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 31,
};
const NAME_COLOURS = [36, 35, 34, 33, 32];

/** Every service keeps its colour, whichever line comes first. */
function nameColour(service: string): number {
  const sum = Buffer.from(service).reduce((total, byte) => total + byte, 0);
  return NAME_COLOURS[sum % NAME_COLOURS.length] ?? 36;
}

/** `HH:MM:SS service LEVEL message key=value`, times in UTC as in the files. */
export function renderLogLine(service: string, record: LogRecord, { isColoured, nameWidth }: RenderOptions): string {
  const colour = (code: number, value: string): string => (isColoured ? `\u001b[${code}m${value}\u001b[0m` : value);
  const level = record.level === 'output' ? '|' : record.level.toUpperCase();
  return [
    record.time.slice(11, 19),
    colour(nameColour(service), service.padEnd(nameWidth)),
    colour(LEVEL_COLOURS[record.level] ?? 90, level.padEnd(5)),
    [record.message, ...Object.entries(record.fields).map(renderField)].map(printable).join(' '),
  ].join(' ');
}

/** The line as JSON: unchanged when a logger of ours wrote it, otherwise wrapped. */
export function toJsonLine(service: string, line: string, now: string): string {
  const record = parseLogLine(line, now);
  return record.level === 'output' ? JSON.stringify({ level: 'info', time: now, service, msg: line }) : line;
}
