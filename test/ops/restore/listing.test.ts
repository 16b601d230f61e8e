import { describe, expect, test } from 'vitest';
import { parseListing } from '../../../src/ops/restore/listing.js';
import { drawListing, jsonListing, knownBad, ofVolume } from '../../../src/ops/restore/listing-text.js';

const HA = 'pvc-0a6ab4ba-1f8c-4b8c-9d6e-0123456789ab_home_ha-config';
const MQTT = 'pvc-1b6ab4ba-1f8c-4b8c-9d6e-0123456789ab_home_mqtt';
const LINES = [
  ['snapshot', '2026-11-19T02-30-05Z', 1, 1_795_055_405, 1_795_228_204, 5_800, 433_000_000],
  ['volume', '2026-11-19T02-30-05Z', HA, 5_700, 432_013_312, 3, 'changing', 1_795_060_000, 'bad'],
  ['snapshot', '2026-11-21T02-30-04Z', 12, 1_795_228_204, '-', 5_900, 1_610_612_736],
  ['volume', '2026-11-21T02-30-04Z', HA, 5_767, 432_013_312, 0, 'hook', 1_795_230_000, 'ok'],
  ['volume', '2026-11-21T02-30-04Z', MQTT, 31, 900, '?', 'unknown', '-', '-'],
];
const text = (lines: readonly (readonly (string | number)[])[]): string =>
  lines.map((line) => `${line.join('\t')}\n`).join('');

describe('the list of the snapshots', () => {
  test.each([
    ['a word of another kind', ['snapshots', 'x']],
    ['too few words', ['snapshot', 'x', 1, 2]],
    ['a number that is none', ['snapshot', 'x', 1, 'soon', '-', 1, 2]],
    ['a negative number', ['snapshot', 'x', 1, -5, '-', 1, 2]],
    ['a volume before its snapshot', ['volume', 'x', HA, 1, 2, 0, 'quiet', '-', '-']],
  ])('is refused with %s, and the line is named', (_, line) => {
    expect(() => parseListing(text([...LINES.slice(0, 2), line]))).toThrow(
      /^list of the snapshots, line 3: expected .+, got "/,
    );
  });

  test('is refused with a verdict that nobody knows', () => {
    const [first = [], second = []] = LINES;

    expect(() => parseListing(text([first, [...second.slice(0, 8), 'maybe']]))).toThrow(
      'line 2: expected "ok", "bad" or "-" at its end',
    );
  });

  test('has the newest first, by number, with their volumes', () => {
    const snapshots = parseListing(text(LINES));

    expect(snapshots.map(({ name, until }) => [name, until])).toEqual([
      ['2026-11-21T02-30-04Z', null],
      ['2026-11-19T02-30-05Z', 1_795_228_204],
    ]);
    expect(snapshots[0]?.volumes[1]).toEqual({
      name: MQTT,
      files: 31,
      bytes: 900,
      changing: null,
      consistency: 'unknown',
      verified: null,
    });
  });

  test('may be empty', () => {
    expect(parseListing('')).toEqual([]);
  });
});

describe('what is drawn of it', () => {
  const snapshots = parseListing(text(LINES));

  test('is a table by date, volume, size, and read back or not', () => {
    expect(drawListing(snapshots)).toEqual([
      'SNAPSHOT (UTC)        VOLUME          FILES     SIZE  READ BACK             WHILE IT WAS COPIED',
      '2026-11-21T02-30-04Z  home/ha-config  5,767  412 MiB  2026-11-21            hook',
      '                      home/mqtt          31    900 B  never                 unknown',
      '2026-11-19T02-30-05Z  home/ha-config  5,700  412 MiB  NOT EQUAL 2026-11-19  changing, 3 changed',
      '  held until 2026-11-21 02:30',
    ]);
  });

  test('names the folder where a claim has two of them', () => {
    const [newest] = snapshots;
    const twice = newest === undefined ? [] : [{ ...newest, volumes: [...newest.volumes, ...newest.volumes] }];

    expect(drawListing(twice).join('\n')).toContain(`  ${HA}  `);
  });

  test('as data has claims and times that a program reads', () => {
    const [newest] = jsonListing(snapshots);

    expect(newest).toMatchObject({ name: '2026-11-21T02-30-04Z', taken: '2026-11-21T02:30:04Z', until: null });
    expect(newest?.volumes[0]).toMatchObject({
      claim: 'home/ha-config',
      verified: { at: '2026-11-21T03:00:00Z', equal: true },
    });
  });

  test('can be of one volume alone', () => {
    expect(ofVolume(snapshots, 'home/mqtt').map(({ name, volumes }) => [name, volumes.length])).toEqual([
      ['2026-11-21T02-30-04Z', 1],
    ]);
    expect(ofVolume(snapshots, 'home/mq')).toEqual([]);
  });

  test('knows what was found to be bad', () => {
    expect(knownBad(snapshots).map(({ files }) => files)).toEqual([5_700]);
  });
});
