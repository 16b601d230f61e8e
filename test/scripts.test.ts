/** Rules that every script keeps that reaches a host or a pod. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesIn, withoutComments } from './support/sources.js';

const shellScripts = filesIn('src/layers').filter((path) => path.endsWith('.sh'));

/** Read in by the script, or the programs, that their second line names; these alone are run. */
const parts = shellScripts.filter((path) => / - part of [^:]+: /.test(readFileSync(path, 'utf8').split('\n')[1] ?? ''));

describe.each(shellScripts)('%s', (path) => {
  const text = readFileSync(path, 'utf8');
  const [first = '', second] = text.split('\n');

  test('is at most 200 lines long', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  test('names its interpreter, itself and what it does', () => {
    expect(['#!/usr/bin/env bash', '#!/bin/sh']).toContain(first);
    expect(second).toMatch(new RegExp(`^# ${basename(path)}( .+)? - \\S`));
  });

  test('declares and assigns on two lines, so that a status is not lost', () => {
    expect(text).not.toMatch(/^\s*(local|readonly|declare|export) +(-\w+ +)?\w+="?\$\(/m);
  });

  test('explains each failure that it ignores', () => {
    const lines = text.split('\n');
    const unexplained = lines.filter(
      (line, index) => /\|\| (true|:)(\s|;|$)/.test(line) && !/#/.test(line) && !/^\s*#/.test(lines[index - 1] ?? ''),
    );

    expect(unexplained).toEqual([]);
  });

  test('names what it takes from the environment', () => {
    expect(text).toMatch(/^# Environment/m);
  });
});

describe.each(shellScripts.filter((path) => !parts.includes(path)))('%s, which is run', (path) => {
  const text = readFileSync(path, 'utf8');
  const bash = text.startsWith('#!/usr/bin/env bash');

  test('names its exit statuses', () => {
    expect(text).toMatch(/^# +exit status/im);
  });

  test('stops at errors and unset names', () => {
    expect(text).toMatch(bash ? /^set -E?euo pipefail$/m : /^set -eu$/m);
  });
});

/** A POSIX shell cannot tell whether it reads a file in or runs it. */
const bashScripts = shellScripts.filter((path) => readFileSync(path, 'utf8').startsWith('#!/usr/bin/env bash'));

test('the scan found bash scripts that are run, parts of them, and one for a shell without bash', () => {
  expect(bashScripts.filter((path) => !parts.includes(path)).length).toBeGreaterThan(5);
  expect(parts.length).toBeGreaterThan(5);
  expect(shellScripts.filter((path) => !bashScripts.includes(path)).length).toBeGreaterThan(0);
});

test.each(bashScripts.filter((path) => !parts.includes(path)))(
  '%s can be read in by a test without being run',
  (path) => {
    expect(readFileSync(path, 'utf8')).toMatch(/\[\[ "?\$\{BASH_SOURCE\[0\]\}"? == "\$0" \]\]/);
  },
);

/** A Raspberry Pi has no clock at boot. Those that ask it do so last: a window is a time of day, and everything else has to be well too. */
test('no script asks the wall clock, but those with a window for its time of day', () => {
  const wallClock = /(^|[\s(;|])date\s|--since|EPOCH(SECONDS|REALTIME)|%\(.*\)T/m;
  const asking = shellScripts.filter((path) => wallClock.test(withoutComments(path)));

  expect(asking).toEqual([
    // A time stamp for whoever reads it; nothing is decided by it.
    'src/layers/backup/scripts/pod/metrics.sh',
    // Names and ages of snapshots; their order is by number, and so many stay whatever the clock says.
    'src/layers/backup/scripts/server/clock.sh',
    // A time stamp for whoever reads it, too.
    'src/layers/checks/scripts/selfheal-checks.sh',
    // What the host takes for the time and when a certificate ends, for whoever judges it by a better clock.
    'src/layers/node-bootstrap/scripts/host-report.sh',
    'src/layers/node-bootstrap/scripts/report-disks.sh',
    'src/layers/rcu-watchdog/scripts/window.sh',
    // The same: since when a node is silent, for whoever is told.
    'src/layers/reachability/scripts/prober/post.sh',
    'src/layers/upgrades/scripts/selfheal-upgrade-gate.sh',
  ]);
});
