/** A line at the bottom of a terminal that is drawn anew. */

/** Where a terminal does not say how wide it is. */
const WIDTH = 80;

/** Takes the line off, and draws this one. A longer one than the terminal is wide would leave its beginning behind each time. */
export function statusLine(text: string, columns: number | undefined): string {
  const width = (columns || WIDTH) - 1;
  return `\r\x1b[2K${text.length > width ? `${text.slice(0, Math.max(width - 1, 0))}…` : text}`;
}
