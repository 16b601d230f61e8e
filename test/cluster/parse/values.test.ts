import { describe, expect, test } from 'vitest';
import { type Parser, parse } from '../../../src/cluster/parse/parser.js';
import * as value from '../../../src/cluster/parse/values.js';

interface Case {
  readonly parser: Parser<unknown>;
  readonly accepts: readonly string[];
  readonly refuses: readonly unknown[];
}

const CASES: Readonly<Record<string, Case>> = {
  dnsLabel: {
    parser: value.dnsLabel,
    accepts: ['a', 'k8s01', 'a-b', 'x'.repeat(63), 'constructor'],
    refuses: ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a\n', 'x'.repeat(64), 1, null, undefined, ['a']],
  },
  secretFile: {
    parser: value.secretFile,
    accepts: ['/etc/selfheal/webhook.url', '/a', '/run/secrets/ntfy@home.token'],
    refuses: ['', 'etc/x', '/', '/a/../b', '/a/./b', '/a/..', '/a b', '/a\n', 'https://hooks.example/secret', 1, null],
  },
  clusterName: {
    parser: value.clusterName,
    accepts: ['homelab', 'x'.repeat(40)],
    refuses: ['x'.repeat(41), 'Home', ''],
  },
  dnsLabelPrefix: {
    parser: value.dnsLabelPrefix,
    accepts: ['selfheal-', 'a'],
    refuses: ['', '-', '1a', 'x'.repeat(21)],
  },
  volume: {
    parser: value.volume,
    accepts: ['home/home-assistant', 'a/b', 'media/data-0.x'],
    refuses: ['home', '/home', 'home/', 'a/b/c', 'a/../b', 'Home/a', 'a b/c', 'a/b\n', 'a/*', 'a:b/c', 1, null],
  },
  hookUrl: {
    parser: value.hookUrl,
    accepts: [
      'http://ha.home:8123/api/services/recorder/disable',
      'https://192.0.2.40/x?y=1&z=%20',
      'http://[2001:db8::1]:80/',
    ],
    refuses: [
      '',
      'ha.home/x',
      'file:///etc/passwd',
      'http://a b/',
      "http://a/'",
      'http://a/\n',
      'http://a@b/',
      'http://-a/',
    ],
  },
  hookBody: { parser: value.hookBody, accepts: ['{}', '{"a": 1}', '[]', '""'], refuses: ['', '{', 'a', 1] },
  weekday: { parser: value.weekday, accepts: ['sunday', 'monday'], refuses: ['Sunday', 'sun', '', 0] },
  cronJobName: { parser: value.cronJobName, accepts: ['x'.repeat(52)], refuses: ['x'.repeat(53), 'a-'] },
  longhornJobName: { parser: value.longhornJobName, accepts: ['x'.repeat(40)], refuses: ['x'.repeat(41), 'a-'] },
  dnsSubdomain: {
    parser: value.dnsSubdomain,
    accepts: ['a.b', 'a'],
    refuses: ['a..b', '.a', 'a.', 'A.b', 'x'.repeat(254)],
  },
  image: {
    parser: value.image,
    accepts: [
      'alpine:3.21',
      'docker.io/library/alpine:3.21',
      'registry.attic.lan:5000/mirror/pause:v3.10.1-arm64',
      `quay.io/a/b__c@sha256:${'0'.repeat(64)}`,
      `quay.io/a/b:latest@sha256:${'a'.repeat(64)}`,
    ],
    refuses: [
      '',
      'alpine',
      'alpine:',
      'alpine:latest',
      'alpine:3',
      'Alpine:3.21',
      'a b:1.2',
      'a:1.2@sha256:0',
      'a//b:1.2',
    ],
  },
  moduleParameter: {
    parser: value.moduleParameter,
    accepts: ['rcupdate.rcu_normal', 'usb-storage.delay_use', 'r8169.1'],
    refuses: ['', 'rcu_normal', 'rcupdate.', '.x', 'a.b.c', 'a b.c', 'a/b.c', 'a.b-c', 'a.b\n'],
  },
  parameterValue: {
    parser: value.parameterValue,
    accepts: ['0', '-1', 'Y', 'a,b:c', '/dev/x@1'],
    refuses: ['', ' ', '0 1', '0\n', '$x', '"0"', 'ü', 0],
  },
  word: { parser: value.word, accepts: ['main', 'v1.2', 'feature/x'], refuses: ['', ' ', 'a b', 'a\nb', 'ü'] },
  absolutePath: {
    parser: value.absolutePath,
    accepts: ['/a', '/dev/watchdog', '/a/.hidden', '/a/..b'],
    refuses: ['', '/', 'a', '/a/', '//a', '/a//b', '/a/../b', '/..', '/a/.', '/a b', '/a\n', '/a:b'],
  },
  relativePath: {
    parser: value.relativePath,
    accepts: ['dist', 'dist/homelab', '.hidden'],
    refuses: ['', '/dist', 'dist/', '../dist', 'a/../b', './dist', '.', 'a b'],
  },
  snapshotsPath: {
    parser: value.snapshotsPath,
    accepts: ['/backup/local-path', '/tank/a.b_c', '/x/y%z,+@='],
    refuses: ['/', '/etc', 'backup', '/a b', '/a/$b', '/a/;b', '/a/../b', '/a/*', '/ä', '/a"b', '/a\n'],
  },
  mirrorPath: {
    parser: value.mirrorPath,
    accepts: ['/backup', '/backup/local-path', '/home/victor/backup'],
    refuses: ['/', '', '/home', '/etc', '/var', '/usr', '/backup/', '/backup/..', '/backup/../etc', 'backup', '/a b'],
  },
  hostName: {
    parser: value.hostName,
    accepts: ['nas', 'nas.lan', '10.0.1.11', 'fd00::1', 'NAS'],
    refuses: [
      '',
      '10.0.1',
      '10.0.1.256',
      'a..b',
      '-a',
      'a b',
      'a:22',
      'fe80::1%eth0',
      'victor@nas',
      '-oProxyCommand=x',
    ],
  },
  hostAndPort: {
    parser: value.hostAndPort,
    accepts: ['nas.lan:9115', '10.0.1.9:80'],
    refuses: ['nas.lan', 'nas:0', 'nas:65536', 'http://nas:80', ':80', 'fd00::1:80'],
  },
  userName: { parser: value.userName, accepts: ['victor', '_x'], refuses: ['', 'Victor', 'a b', '-l', '1a', 'a@b'] },
  secretName: { parser: value.secretName, accepts: ['backup-key', 'a.b'], refuses: ['', 'A', 'a/b', 'a b', 7] },
  secretKey: { parser: value.secretKey, accepts: ['id_ed25519', 'tls.key'], refuses: ['', '.', '..', 'a/b', 'a b'] },
  region: { parser: value.region, accepts: ['us-east-1', 'garage'], refuses: ['', 'us east', 'a/b', '-a'] },
  url: {
    parser: value.url,
    accepts: [
      'https://git.example/a.git',
      'https://git.example:3000/a@b:c.git',
      'git@github.com:a/b.git',
      'ssh://git@host:22/a.git',
    ],
    refuses: [
      '',
      'github.com/a/b',
      'https://',
      'https://a b',
      'ftp://a/b',
      'https://me:x@git.example/a',
      'ssh://:x@host/a',
    ],
  },
  labelValue: { parser: value.labelValue, accepts: ['', 'a', 'A_b.c'], refuses: ['-a', 'a b', 'x'.repeat(64), 1] },
  labelKey: {
    parser: value.labelKey,
    accepts: ['app', 'app.kubernetes.io/name'],
    refuses: ['', '/a', 'a/', 'a/b/c', 'a b', '__proto__'],
  },
  kernelArgument: {
    parser: value.kernelArgument,
    accepts: ['quiet', 'rcupdate.rcu_normal=1', 'console=ttyS0,115200', 'root=/dev/sda1'],
    refuses: ['', 'a b', 'a=', 'a="b c"', "a='x'", 'a=1\nb', '$(reboot)', 'a=`x`'],
  },
  sshHostKey: {
    parser: value.sshHostKey,
    accepts: [`ssh-ed25519 AAAA${'x'.repeat(64)}`],
    refuses: [
      '',
      'ssh-ed25519',
      `10.0.1.11 ssh-ed25519 AAAA${'x'.repeat(64)}`,
      `ssh-dss AAAA${'x'.repeat(64)}`,
      `ssh-ed25519 AAAA${'x'.repeat(64)} me@home`,
    ],
  },
  version: { parser: value.version, accepts: ['1.11.3'], refuses: ['1.11', 'v1.11.3', '1.11.3-rc1', 'latest'] },
  ubuntuRelease: {
    parser: value.ubuntuRelease,
    accepts: ['25.10', '26.04'],
    refuses: ['26.4', '26.05', 'noble', 26.04],
  },
  duration: {
    parser: value.duration('1min', '2h'),
    accepts: ['60s', '1min', '2h', '120min'],
    refuses: ['59s', '121min', '1', '1m', '1 min', '-5min', '1.5h', '', '1e9s', 60, '9999999999s'],
  },
  timeOfDay: {
    parser: value.timeOfDay,
    accepts: ['00:00', '02:30', '23:59'],
    refuses: ['2:30', '24:00', '02:60', '02:30:00', 230],
  },
  timeZone: {
    parser: value.timeZone,
    accepts: ['America/Edmonton', 'UTC', 'Australia/Brisbane', 'Etc/GMT+7', 'America/Argentina/Ushuaia'],
    refuses: [
      'MST',
      'EST5EDT',
      'America',
      'America/Edmundton',
      'america/edmonton',
      'America/edmonton',
      'utc',
      '+07:00',
      '',
    ],
  },
};

test('every parser of a value has a case', () => {
  expect(Object.keys(CASES).sort()).toEqual(Object.keys(value).sort());
});

describe.each(Object.entries(CASES))('%s', (_, { parser, accepts, refuses }) => {
  test.each(refuses.map((input) => [input]))('refuses %j and says so on one line', (input) => {
    const parsed = parse(parser, input);

    expect(parsed).toMatchObject({
      ok: false,
      issues: [{ path: '', message: expect.stringMatching(/^expected .+, got .+$/) }],
    });
  });

  test.each(accepts)('accepts %j', (input) => {
    expect(parse(parser, input)).toMatchObject({ ok: true });
  });
});

test.each(['America/Edmundton', 'america/edmonton'])('%s is told what zone was meant', (zone) => {
  expect(parse(value.timeZone, zone)).toMatchObject({
    issues: [
      {
        message: `expected an IANA time zone, e.g. "America/Edmonton", got "${zone}"; did you mean "America/Edmonton"?`,
      },
    ],
  });
});

test.each([
  ['the name of a Secret', value.secretName, 'hunter2/HUNTER2'],
  ['a key of a Secret', value.secretKey, 'hunter2 HUNTER2'],
  ['a URL', value.url, 'https://me:hunter2@git.example/a'],
])('what was pasted in the place of %s is not shown', (_, parser, secret) => {
  const parsed = parse(parser, secret);

  expect(parsed).toMatchObject({ issues: [{ message: expect.stringContaining('(not shown)') }] });
  expect(JSON.stringify(parsed)).not.toContain('hunter2');
});

test('a duration names its bounds in the units that it wants', () => {
  expect(parse(value.duration('90s', '7d'), '5')).toMatchObject({
    issues: [{ message: 'expected a duration from 90s to 7d (units s, min, h, d), got "5"' }],
  });
});
