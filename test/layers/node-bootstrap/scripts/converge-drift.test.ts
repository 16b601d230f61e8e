import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FakeHost } from '../fake-host.js';

const file = (path: string, content: string) => ({ path, mode: '0644', content }) as const;
const SETTINGS = file('/etc/selfheal/a.env', 'A=1\n');
const TIMER = file('/etc/systemd/system/w.timer', '[Timer]\n');
const ALL = { files: [SETTINGS, TIMER], units: ['w.timer'], kernelArguments: ['q=1'] };
const EDITED = '/var/lib/selfheal/bootstrap/edited/%etc%selfheal%a.env';

function installed(onDrift: 'report' | 'restore' = 'restore'): FakeHost {
  const host = new FakeHost();
  host.onDrift = onDrift;
  host.converge(ALL);
  return host;
}

describeWith(['bash', 'flock'], 'converge.sh and what a person changed of ours', () => {
  test('is put back, and the edited version is kept and named', () => {
    const host = installed();
    host.write(SETTINGS.path, 'A=mine\n', 0o600);

    const { status, stdout } = host.run();

    expect(status).toBe(3);
    expect(stdout).toContain(`changed ${SETTINGS.path}: it was edited since; that version is in ${EDITED}\n`);
    expect(host.read(SETTINGS.path)).toBe(SETTINGS.content);
    expect(host.read(EDITED)).toBe('A=mine\n');
    expect(host.mode(EDITED)).toBe('0600');
  });

  test('is kept in its newest version alone', () => {
    const host = installed();
    for (const content of ['A=2\n', 'A=3\n']) {
      host.write(SETTINGS.path, content);
      host.run();
    }

    expect(host.read(EDITED)).toBe('A=3\n');
  });

  test('is not thrown away where it is too large to be kept', () => {
    const host = installed();
    const large = 'x'.repeat(1_048_577);
    host.write(SETTINGS.path, large);

    const { status, stdout } = host.run();

    expect(status).toBe(2);
    expect(stdout).toContain(`refused ${SETTINGS.path}: it was edited since, and is too large to be kept aside`);
    expect(host.read(SETTINGS.path)).toBe(large);
  });

  test('is not taken for an edit when only the plan changed', () => {
    const host = installed();

    const { stdout } = host.converge({ ...ALL, files: [file(SETTINGS.path, 'A=2\n'), TIMER] });

    expect(stdout).toContain(`changed ${SETTINGS.path}\n`);
    expect(host.exists(EDITED)).toBe(false);
  });

  test('is kept when the plan drops the file', () => {
    const host = installed();
    host.write(SETTINGS.path, 'A=mine\n');

    const { stdout } = host.converge({ ...ALL, files: [TIMER] });

    expect(stdout).toContain(`removed ${SETTINGS.path}: it was edited since; that version is in ${EDITED}\n`);
    expect(host.read(EDITED)).toBe('A=mine\n');
  });

  test('is named with what was found, for an argument', () => {
    const host = installed();
    host.write(host.bootFile, 'console=tty1 q=7\n');

    const { stdout } = host.run();

    expect(stdout).toContain('changed q=1: it was edited since: found q=7\n');
    expect(host.read(host.bootFile)).toBe('console=tty1 q=1\n');
  });

  test.each([
    ['a file', (host: FakeHost) => host.write(SETTINGS.path, 'A=mine\n'), `${SETTINGS.path}: it was edited since`],
    ['a mode', (host: FakeHost) => host.write(SETTINGS.path, 'A=1\n', 0o600), `${SETTINGS.path}: its mode is 0600`],
    ['a file taken away', (host: FakeHost) => rmSync(host.at(SETTINGS.path)), `${SETTINGS.path}: it is missing`],
    ['an argument', (host: FakeHost) => host.write(host.bootFile, 'a\n'), 'q=1: it was edited since: found nothing'],
    ['a stopped unit', (host: FakeHost) => rmSync(host.at('/run/units/w.timer.active')), 'w.timer: it is inactive'],
  ])('is left where the plan says so, and reported each time: %s', (_, edit, line) => {
    const host = installed('report');
    edit(host);
    const before = host.snapshot('/', true);

    const { status, stdout, calls } = host.run();

    expect(stdout).toContain(`drifted ${line}`);
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(host.snapshot('/', true)).toEqual(before);
  });

  test('is not meant where a unit failed by itself: that one is started, whatever the plan says of drift', () => {
    const host = installed('report');
    rmSync(host.at('/run/units/w.timer.active'));
    host.write('/run/units/w.timer.failed', '');

    const { stdout, calls } = host.run();

    expect(stdout).toContain('changed w.timer\n');
    expect(calls).toEqual(['systemctl enable --now w.timer']);
  });

  test('does not hinder what the plan changes elsewhere, where it is left', () => {
    const host = installed('report');
    host.write(SETTINGS.path, 'A=mine\n');

    const { status, stdout } = host.converge({ ...ALL, files: [SETTINGS, file('/etc/new', 'n\n'), TIMER] });

    expect(status).toBe(3);
    expect(stdout).toContain('changed /etc/new\n');
    expect(host.read(SETTINGS.path)).toBe('A=mine\n');
  });
});

describeWith(['bash', 'flock'], 'converge.sh --check', () => {
  const check = (host: FakeHost) => host.run({}, '--check');

  test('says nothing but "kept" of a host that is as described', () => {
    const { status, stdout } = check(installed());

    expect(status).toBe(0);
    expect(stdout).toBe(`kept ${SETTINGS.path}\nkept ${TIMER.path}\nkept w.timer\nkept q=1\n`);
  });

  test.each([
    ['an edited file', (host: FakeHost) => host.write(SETTINGS.path, 'A=2\n'), `${SETTINGS.path}: it was edited since`],
    ['a missing file', (host: FakeHost) => rmSync(host.at(SETTINGS.path)), `${SETTINGS.path}: it is missing`],
    ['another mode', (host: FakeHost) => host.write(SETTINGS.path, 'A=1\n', 0o666), 'its mode is 0666, expected 0644'],
    [
      'a lost argument',
      (host: FakeHost) => host.write(host.bootFile, 'a\n'),
      'q=1: it was edited since: found nothing',
    ],
    ['a stopped unit', (host: FakeHost) => rmSync(host.at('/run/units/w.timer.active')), 'w.timer: it is inactive'],
    [
      'a disabled unit',
      (host: FakeHost) => rmSync(host.at('/run/units/w.timer.enabled')),
      'w.timer: it is not enabled',
    ],
    ['a link in the place of a file', linked, `${SETTINGS.path}: a symbolic link that leads nowhere stands there`],
    ['what is not asked for any more', (host: FakeHost) => host.stage({}), `${SETTINGS.path}: it is no longer asked`],
    ['what is still due', (host: FakeHost) => due(host), 'daemon-reload: it is still due'],
  ])('sees %s and touches nothing, not even a time stamp', (_, edit, line) => {
    const host = installed();
    edit(host);
    const before = host.snapshot('/', true);

    const { status, stdout, calls } = check(host);

    expect(status).toBe(3);
    expect(stdout).toContain('drifted ');
    expect(stdout).toContain(line);
    expect(calls).toEqual([]);
    expect(host.snapshot('/', true)).toEqual(before);
  });

  test('touches nothing on a host to which nothing was brought yet', () => {
    const host = new FakeHost();
    host.stage(ALL);
    const before = host.snapshot('/', true);

    const { status, stdout } = check(host);

    expect(status).toBe(3);
    expect(stdout).toContain(`drifted ${SETTINGS.path}: it is missing\n`);
    expect(host.snapshot('/', true)).toEqual(before);
  });

  test('cannot tell where systemd says nothing, which outweighs a drift', () => {
    const host = installed();
    host.write(SETTINGS.path, 'A=2\n');
    host.stub('systemctl', '#!/bin/bash\nexit 1\n');

    const { status, stdout } = check(host);

    expect(status).toBe(2);
    expect(stdout).toContain('cannot-tell w.timer: systemd does not say how it is\n');
  });

  test('cannot tell of a file that the disk does not give', () => {
    const host = installed();
    host.stub(
      'sha256sum',
      `#!/bin/bash
for path; do case $path in --) ;; */etc/selfheal/a.env) echo "sha256sum: $path: Input/output error" >&2 ;;
*) /usr/bin/sha256sum -- "$path" ;; esac; done
`,
    );

    const { status, stdout } = check(host);

    expect(status).toBe(2);
    expect(stdout).toContain(`cannot-tell ${SETTINGS.path}: Input/output error\n`);
    expect(stdout).toContain(`kept ${TIMER.path}\n`);
  });

  test('is refused with another argument', () => {
    const { status, stderr } = installed().run({}, '--chek');

    expect(status).toBe(1);
    expect(stderr).toContain('arguments: expected none or --check, got "--chek"');
  });
});

function linked(host: FakeHost): void {
  rmSync(host.at(SETTINGS.path));
  symlinkSync('/nowhere', host.at(SETTINGS.path));
}

function due(host: FakeHost): void {
  mkdirSync(host.at('/var/lib/selfheal/bootstrap/due'), { recursive: true });
  host.write('/var/lib/selfheal/bootstrap/due/daemon-reload', '\n');
}
