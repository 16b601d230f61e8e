/** What one program sees of the clocks of its machine, stepped while it runs: by libfaketime. */
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`;

/** `set`: the time of day alone, as whoever sets a clock. `passed`: all of them, as if that time had gone by. */
type How = 'set' | 'passed';

export interface Clocks {
  /** Of the program whose clocks these are. */
  readonly env: Readonly<Record<string, string>>;
  /** So many seconds from what is true; it is seen within a moment. */
  readonly show: (seconds: number) => void;
  /** How far a program sees its clocks from the true ones, in seconds. */
  readonly seen: () => { readonly wall: number; readonly monotonic: number };
}

export function clocksOf(folder: string, how: How): Clocks {
  const file = join(folder, `clocks-${how}`);
  const env = {
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    ...(how === 'set' ? { FAKETIME_DONT_FAKE_MONOTONIC: '1' } : {}),
  };
  const show = (seconds: number): void => {
    writeFileSync(`${file}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}s\n`);
    // Whole at each instant: it is read all the time.
    renameSync(`${file}.new`, file);
  };
  show(0);
  return {
    env,
    show,
    seen: () => {
      const print = 'process.stdout.write(JSON.stringify([Date.now(), Number(process.hrtime.bigint() / 1000000n)]))';
      const shown = spawnSync(process.execPath, ['-e', print], { env, encoding: 'utf8' });
      const [wall = Number.NaN, monotonic = Number.NaN] = JSON.parse(shown.stdout);
      const now = Number(process.hrtime.bigint() / 1_000_000n);
      return { wall: Math.round((wall - Date.now()) / 1_000), monotonic: Math.round((monotonic - now) / 1_000) };
    },
  };
}
