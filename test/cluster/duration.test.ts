import { expect, test } from 'vitest';
import { describeDuration, formatDuration, formatPromDuration, tryReadDuration } from '../../src/cluster/duration.js';

test.each(['', '5', 's', '5m', '5 s', '1.5h', '-1s', '1h30min', '5S', '1234567890s', '5s\n'])(
  '%j is no duration',
  (text) => {
    expect(tryReadDuration(text)).toBeUndefined();
  },
);

test.each([
  ['0s', 0, '0s', '0s', '0 seconds'],
  ['1s', 1, '1s', '1s', '1 second'],
  ['90s', 90, '90s', '90s', '90 seconds'],
  ['120s', 120, '2min', '2m', '2 minutes'],
  ['60min', 3_600, '1h', '1h', '1 hour'],
  ['26h', 93_600, '26h', '26h', '26 hours'],
  ['48h', 172_800, '2d', '2d', '2 days'],
])(
  '%s is %i seconds and is written %s, for Prometheus %s, in words %s',
  (text, seconds, systemd, prometheus, words) => {
    const duration = tryReadDuration(text);

    expect(duration).toEqual({ seconds });
    expect(formatDuration({ seconds })).toBe(systemd);
    expect(formatPromDuration({ seconds })).toBe(prometheus);
    expect(describeDuration({ seconds })).toBe(words);
  },
);
