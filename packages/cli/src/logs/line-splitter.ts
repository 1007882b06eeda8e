/** Longer lines are cut here: a program that never ends its line must not fill our memory. */
const MAX_LINE_CHARACTERS = 64 * 1024;

/** Turns pieces of text into lines. */
export interface LineSplitter {
  push(text: string): void;
  /** Gives out what is left without a line end. */
  end(): void;
}

/** Calls `onLine` for each line, without its end; empty ones are left out. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  let rest = '';
  const give = (line: string): void => {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text !== '') onLine(text);
  };
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) give(line);
      while (rest.length >= MAX_LINE_CHARACTERS) {
        give(rest.slice(0, MAX_LINE_CHARACTERS));
        rest = rest.slice(MAX_LINE_CHARACTERS);
      }
    },
    end() {
      give(rest);
      rest = '';
    },
  };
}
