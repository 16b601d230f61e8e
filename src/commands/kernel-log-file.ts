/** Reads a kernel log from a file or standard input, piece by piece, unpacked where it is gzip's. */
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';

const STDIN = 0;

/** What `-` is called in reports. */
export const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

/** @throws OperatorError where it cannot be a log. */
export function checkFile(file: string): void {
  if (file === '-') return;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new OperatorError(`file: expected a kernel log, got ${show(file)}, which is not there`);
  if (stat.isDirectory()) throw new OperatorError(`file: expected a kernel log, got ${show(file)}, which is a folder`);
}

/** Yields the text, a byte a character. @throws OperatorError where it cannot be read or unpacked. */
export async function* readLog(file: string): AsyncGenerator<string> {
  const raw = createReadStream(file === '-' ? '' : file, {
    ...(file === '-' ? { fd: STDIN } : {}),
    highWaterMark: 256 * 1024,
  });
  let failed: unknown;
  try {
    const head = await firstPiece(raw);
    const packed = head.length > 2 && head[0] === 0x1f && head[1] === 0x8b;
    const text = packed ? raw.on('error', () => {}).pipe(createGunzip()) : raw;
    raw.on('error', (error) => (packed ? text.destroy(error) : undefined));
    let first = true;
    for await (const piece of text) {
      const latin1 = (piece as Buffer).toString('latin1'); // A stream without an encoding gives Buffers.
      if (first && isBinary(latin1)) {
        failed = new OperatorError(`file ${show(file)}: expected a kernel log, got something that is no text`);
        break;
      }
      first = false;
      yield latin1;
    }
  } catch (error) {
    failed = new OperatorError(
      `file ${show(file)}: expected a readable kernel log, got ${error instanceof Error ? error.message : String(error)}`,
      [],
      { cause: error },
    );
  } finally {
    raw.destroy();
  }
  if (failed !== undefined) throw failed;
}

/** Looks at the beginning and puts it back. */
async function firstPiece(raw: Readable): Promise<Buffer> {
  for (;;) {
    const piece: Buffer | null = raw.read();
    if (piece !== null) {
      raw.unshift(piece);
      return piece;
    }
    if (raw.readableEnded) return Buffer.alloc(0);
    await new Promise<void>((resolve, reject) => {
      raw.once('readable', resolve).once('end', resolve).once('error', reject);
    });
  }
}

/**
 * Control characters that no log has. Zeros are not counted: a file that was open when the power went may be full of
 * them, and journalctl's export has a few.
 */
function isBinary(text: string): boolean {
  const sample = text.slice(0, 65_536);
  let odd = 0;
  let zeros = 0;
  for (let at = 0; at < sample.length; at += 1) {
    const code = sample.charCodeAt(at);
    if (code === 0) zeros += 1;
    else if (code < 32 && code !== 9 && code !== 10 && code !== 13 && code !== 27 && code !== 30) odd += 1;
  }
  return odd * 20 > sample.length || (zeros === sample.length && zeros > 0);
}
