import { mkdirSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FakeHost } from '../fake-host.js';

const file = (path: string, content: string, mode: '0644' | '0755' = '0644') => ({ path, mode, content });
const SETTINGS = file('/etc/selfheal/a.env', 'A=1\n');
const PROGRAM = file('/usr/local/bin/a.sh', '#!/bin/sh\n', '0755');

describeWith(['bash', 'flock'], 'converge.sh and files', () => {
  test('leaves a host alone for which nothing is planned', () => {
    const host = new FakeHost();
    const before = host.snapshot('/boot');

    const { status, stdout, calls } = host.converge({});

    expect(status).toBe(0);
    expect(stdout).toBe('');
    expect(calls).toEqual([]);
    expect(host.snapshot('/boot')).toEqual(before);
  });

  test('installs what is missing, with its mode, and says so', () => {
    const host = new FakeHost();

    const { status, stdout } = host.converge({ files: [SETTINGS, PROGRAM] });

    expect(status).toBe(3);
    expect(stdout).toBe('changed /etc/selfheal/a.env\nchanged /usr/local/bin/a.sh\n');
    expect(host.read(PROGRAM.path)).toBe(PROGRAM.content);
    expect(host.mode(PROGRAM.path)).toBe('0755');
    expect(host.mode(SETTINGS.path)).toBe('0644');
  });

  test('changes nothing the second time, not even a time stamp', () => {
    const host = new FakeHost();
    host.write('/etc/replaced.conf', 'theirs\n');
    host.stage({ files: [SETTINGS, file('/etc/replaced.conf', 'ours\n')], kernelArguments: ['q=1'] });
    host.run();
    const before = host.snapshot('/', true);

    const { status, stdout, calls } = host.run();

    expect(status).toBe(0);
    expect(stdout).toBe('kept /etc/selfheal/a.env\nkept /etc/replaced.conf\nkept q=1\n');
    expect(calls).toEqual([]);
    expect(host.snapshot('/', true)).toEqual(before);
  });

  test.each([
    ['content', (host: FakeHost) => host.write(SETTINGS.path, 'A=2\n')],
    ['a missing last newline', (host: FakeHost) => host.write(SETTINGS.path, 'A=1')],
    ['mode', (host: FakeHost) => host.write(SETTINGS.path, SETTINGS.content, 0o666)],
  ])('mends what somebody changed by hand: %s', (_, damage) => {
    const host = new FakeHost();
    host.converge({ files: [SETTINGS] });
    damage(host);

    const { status } = host.run();

    expect(status).toBe(3);
    expect(host.read(SETTINGS.path)).toBe(SETTINGS.content);
    expect(host.mode(SETTINGS.path)).toBe('0644');
  });

  test('removes what is no longer planned, and the folders that it made for it', () => {
    const host = new FakeHost();
    host.write('/etc/hosts', 'x\n');
    host.converge({ files: [SETTINGS, PROGRAM] });

    const { status, stdout } = host.converge({ files: [PROGRAM] });

    expect(status).toBe(3);
    expect(stdout).toBe('kept /usr/local/bin/a.sh\nremoved /etc/selfheal/a.env\n');
    expect(host.exists('/etc/selfheal')).toBe(false);
    expect(host.exists('/etc/hosts')).toBe(true);
    expect(host.exists(PROGRAM.path)).toBe(true);
  });

  test('keeps a folder of its own that somebody else has put something into', () => {
    const host = new FakeHost();
    host.converge({ files: [SETTINGS] });
    host.write('/etc/selfheal/theirs', 'x\n');

    host.converge({});

    expect(host.exists('/etc/selfheal/theirs')).toBe(true);
    expect(host.exists(SETTINGS.path)).toBe(false);
  });

  test('puts back what stood there before, with its mode, also after two changes of the plan', () => {
    const host = new FakeHost();
    host.write('/etc/x.conf', 'theirs\n', 0o600);
    host.converge({ files: [file('/etc/x.conf', 'ours\n')] });
    host.converge({ files: [file('/etc/x.conf', 'ours, newer\n')] });

    const { stdout } = host.converge({});

    expect(stdout).toBe('restored /etc/x.conf\n');
    expect(host.read('/etc/x.conf')).toBe('theirs\n');
    expect(host.mode('/etc/x.conf')).toBe('0600');
  });

  test('does not remove a file that was there, equal, before it came', () => {
    const host = new FakeHost();
    host.write(SETTINGS.path, SETTINGS.content);
    host.converge({ files: [SETTINGS] });

    host.converge({});

    expect(host.read(SETTINGS.path)).toBe(SETTINGS.content);
  });

  test('has nothing left to do after everything was given back', () => {
    const host = new FakeHost();
    const timer = file('/etc/systemd/system/w.timer', '[Timer]\n');
    host.converge({ files: [SETTINGS, timer], kernelArguments: ['q=1'] });
    host.converge({});
    const before = host.snapshot('/', true);

    expect(host.run()).toMatchObject({ status: 0, stdout: '' });
    expect(host.snapshot('/', true)).toEqual(before);
  });

  test('takes what a killed run only meant to note for nothing', () => {
    const host = new FakeHost();
    host.write('/etc/y', 'theirs\n');
    host.write('/var/lib/selfheal/bootstrap/noted/files/%etc%y', 'created\n');

    host.converge({ files: [SETTINGS] });
    host.converge({});

    expect(host.read('/etc/y')).toBe('theirs\n');
  });
});

describeWith(['bash', 'flock'], 'converge.sh refuses', () => {
  test('a symbolic link where a file should be, and goes on with the rest', () => {
    const host = new FakeHost();
    host.write('/root/secret', 'secret\n', 0o600);
    mkdirSync(host.at('/etc/selfheal'), { recursive: true });
    symlinkSync(host.at('/root/secret'), host.at(SETTINGS.path));

    const { status, stdout } = host.converge({ files: [SETTINGS, PROGRAM] });

    expect(status).toBe(2);
    expect(stdout).toBe('refused /etc/selfheal/a.env: a symbolic link stands there\nchanged /usr/local/bin/a.sh\n');
    expect(host.read('/root/secret')).toBe('secret\n');
  });

  test('a folder on the way that leads out of the allowed ones', () => {
    const host = new FakeHost();
    mkdirSync(host.at('/root'));
    mkdirSync(host.at('/etc'));
    symlinkSync(host.at('/root'), host.at('/etc/selfheal'));

    const { status, stdout } = host.converge({ files: [SETTINGS] });

    expect(status).toBe(2);
    expect(stdout).toBe('refused /etc/selfheal/a.env: a folder on the way leads out of /etc\n');
    expect(host.exists('/root/a.env')).toBe(false);
  });

  test('a folder where a file should be', () => {
    const host = new FakeHost();
    mkdirSync(host.at(SETTINGS.path), { recursive: true });

    expect(host.converge({ files: [SETTINGS] }).stdout).toContain(
      'refused /etc/selfheal/a.env: something that is no file',
    );
  });

  test('to remove through a link that took the place of its file', () => {
    const host = new FakeHost();
    host.converge({ files: [SETTINGS] });
    host.write('/root/secret', 'secret\n');
    host.write('/etc/selfheal/other', '');
    symlinkSync(host.at('/root/secret'), host.at('/etc/link'));
    host.write('/var/lib/selfheal/bootstrap/files/%etc%link', 'created\n');

    const { status, stdout } = host.converge({});

    expect(status).toBe(2);
    expect(stdout).toContain('refused /etc/link: a symbolic link stands there');
    expect(host.exists('/root/secret')).toBe(true);
  });

  test('to remove what a record names outside the allowed folders', () => {
    const host = new FakeHost();
    host.write('/root/secret', 'secret\n');
    host.write('/var/lib/selfheal/bootstrap/files/%root%secret', 'created\n');

    const { status, stdout } = host.converge({});

    expect(status).toBe(2);
    expect(stdout).toBe('refused /root/secret: outside the allowed folders\n');
    expect(host.exists('/root/secret')).toBe(true);
  });

  test.each([
    ['a path outside the allowed folders', 'file 0644 plan /root/x', /^plan: file '\/root\/x': expected a plain path/],
    ['a path that climbs out', 'file 0644 plan /etc/../root/x', /expected a plain path/],
    ['its own memory as a path', 'file 0644 plan /var/lib/selfheal/bootstrap/files/x', /expected a plain path/],
    ['a mode that is none', 'file 644 plan /etc/x', /expected a mode of four digits, got "644"/],
    ['a content that did not travel', 'file 0644 nothing /etc/x', /expected its content in the payload, got "nothing"/],
    ['a unit that is none', 'unit --now', /expected the name of a unit, got "--now"/],
    ['an argument that is no plain word', 'argument a="b"', /expected a plain word/],
    ['two values of one argument', 'argument a=1\nargument a=2', /expected one value, got "a=1" and "a=2"/],
    ['a flag without a unit', 'flag /etc/args --a 1', /expected 5 fields, got 4/],
    ['a kind that it does not know', 'reboot now', /expected a known kind, got "reboot"/],
    ['a field too many', 'boot-loader grub b', /expected 2 fields, got 3: "boot-loader grub b"/],
    ['a unit that reads no path', 'unit a.service b', /expected absolute paths that it reads, got "b"/],
    ['a unit twice', 'unit a.service\nunit a.service', /unit 'a.service': expected once, got twice/],
    ['a policy that it does not know', 'on-drift ignore', /expected "restore" or "report", got "ignore"/],
    ['a module that is none', 'parameter ../x y 1', /expected the name of a module, got "..\/x"/],
    ['a parameter that is none', 'parameter x y/z 1', /parameter of 'x': expected its name, got "y\/z"/],
  ])('%s, before anything is touched', (_, line, message) => {
    const host = new FakeHost();
    host.stage({ files: [SETTINGS] }, (plan) => plan.replace('end\n', `${line}\nend\n`));
    const before = host.snapshot('/', true);

    const { status, stderr } = host.run();

    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(host.snapshot('/', true)).toEqual(before);
  });

  test.each([
    ['that was cut off', (plan: string) => plan.replace('end\n', '')],
    ['of another form', (plan: string) => plan.replace('selfheal-plan 1', 'selfheal-plan 2')],
    ['that is empty', () => ''],
    ['without a boot loader', (plan: string) => plan.replace('boot-loader piboot\n', '')],
  ])('a plan %s, which would take everything back', (_, edit) => {
    const host = new FakeHost();
    host.converge({ files: [SETTINGS] });
    host.stage({}, edit);

    const { status } = host.run();

    expect(status).toBe(1);
    expect(host.exists(SETTINGS.path)).toBe(true);
  });

  test.each([
    ['CONVERGE_ROOT', 'relative/path'],
    ['CONVERGE_TIMEOUT', '0'],
    ['CONVERGE_TIMEOUT', 'soon'],
  ])('%s=%s', (name, value) => {
    const host = new FakeHost();
    host.stage({});

    const { status, stderr } = host.run({ [name]: value });

    expect(status).toBe(1);
    expect(stderr).toContain(`${name}: expected`);
  });

  test('to run beside another run', () => {
    const host = new FakeHost();
    host.stage({ files: [SETTINGS] });
    host.stub('flock', '#!/bin/bash\nexit 1\n');

    const { status, stderr } = host.run();

    expect(status).toBe(2);
    expect(stderr).toContain('another run holds');
    expect(host.exists(SETTINGS.path)).toBe(false);
  });

  test('what the disk does not take, and says what the disk said', () => {
    const host = new FakeHost();
    host.stub('mv', '#!/bin/bash\necho "mv: cannot move: No space left on device" >&2\nexit 1\n');

    const { status, stdout } = host.converge({ files: [SETTINGS] });

    expect(status).toBe(2);
    expect(stdout).toBe("refused /etc/selfheal/a.env: 'mv' failed: No space left on device\n");
    expect(host.exists('/etc/selfheal')).toBe(false);
  });
});
