import { describe, expect, test } from 'vitest';
import { hardwareWatchdogFitsBoard } from '../../../src/guardrails/rules/hardware-watchdog-fits-board.js';
import { MINIMAL_SPEC, minimal, parsed } from '../../support/clusters.js';
import { configMap, foundIn } from '../examples.js';

const pi = (hardwareWatchdog: object = {}) =>
  parsed({
    ...MINIMAL_SPEC,
    nodes: { lamp: { ...MINIMAL_SPEC.nodes.lamp, architecture: 'arm64', board: 'raspberry-pi', bootLoader: 'piboot' } },
    hosts: [{ nodes: ['lamp'], kernel: { hardwareWatchdog } }],
  });
const PI_BARE = parsed({
  ...MINIMAL_SPEC,
  nodes: { lamp: { ...MINIMAL_SPEC.nodes.lamp, architecture: 'arm64', board: 'raspberry-pi', bootLoader: 'piboot' } },
});
const dropIn = (value: string) => configMap({ 'watchdog.conf': `[Manager]\nRuntimeWatchdogSec=${value}\n` });

const OLDER = 'kernels before 6.8 refuse it and leave the watchdog off, later ones keep';

describe('hardware-watchdog-fits-board', () => {
  test.each([
    ['16', 16, `${OLDER} 0 s of it and reset the board at once`],
    ['17s', 17, `${OLDER} 1 s of it, which end before the first feeding: the board resets for ever`],
    ['23', 23, `${OLDER} 7 s of it, which end before the first feeding: the board resets for ever`],
    ['24', 24, `${OLDER} 8 s of it, half a millisecond longer than a feeding takes`],
    ['10min', 600, `${OLDER} 8 s of it, half a millisecond longer than a feeding takes`],
    ['30', 30, `${OLDER} 14 s of it`],
    ['1min 4s', 64, `${OLDER} 0 s of it and reset the board at once`],
  ])('refuses %s on a Raspberry Pi and says what becomes of it', (value, seconds, effect) => {
    expect(foundIn(hardwareWatchdogFitsBoard, [dropIn(value)], PI_BARE)).toEqual([
      `ConfigMap tools/scripts, key 'watchdog.conf', RuntimeWatchdogSec: expected at most 15 seconds on a Raspberry Pi, got ${seconds}: ${effect}`,
    ]);
  });

  test('refuses it in the time-out of a reboot and in the description', () => {
    const object = configMap({ 'watchdog.conf': 'RuntimeWatchdogSec=14s\nRebootWatchdogSec=30s\n' });

    expect(foundIn(hardwareWatchdogFitsBoard, [object], PI_BARE)).toEqual([
      expect.stringContaining('RebootWatchdogSec:'),
    ]);
  });

  test.each(['14s', '15', 'off', 'default'])('accepts %s on a Raspberry Pi', (value) => {
    expect(foundIn(hardwareWatchdogFitsBoard, [dropIn(value)], PI_BARE)).toEqual([]);
  });

  test('accepts the defaults of a Raspberry Pi, and ten minutes on any other board', () => {
    expect(foundIn(hardwareWatchdogFitsBoard, [], pi())).toEqual([]);
    expect(foundIn(hardwareWatchdogFitsBoard, [dropIn('10min')], minimal())).toEqual([]);
  });
});
