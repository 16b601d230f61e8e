import { rmSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FakeHost } from '../fake-host.js';

const NORMAL = { kernelArguments: ['rcupdate.rcu_normal=1'] };

describeWith(['bash', 'flock'], 'converge.sh and the kernel command line', () => {
  describe.each(['piboot', 'raspberry-pi-firmware'] as const)('of %s', (bootLoader) => {
    test('is not opened when nothing is asked for', () => {
      const host = new FakeHost(bootLoader);
      rmSync(host.at('/boot'), { recursive: true });

      expect(host.converge({})).toMatchObject({ status: 0, stdout: '' });
    });

    test('gets the argument at the end of its one line', () => {
      const host = new FakeHost(bootLoader);

      const { status, stdout } = host.converge(NORMAL);

      expect(status).toBe(3);
      expect(stdout).toBe('changed rcupdate.rcu_normal=1\n');
      expect(host.read(host.bootFile)).toBe('console=tty1 root=LABEL=writable rootwait rcupdate.rcu_normal=1\n');
    });

    test('stays the same file the second time', () => {
      const host = new FakeHost(bootLoader);
      host.converge(NORMAL);
      const before = host.snapshot('/', true);

      expect(host.run()).toMatchObject({ status: 0, stdout: 'kept rcupdate.rcu_normal=1\n' });
      expect(host.snapshot('/', true)).toEqual(before);
    });

    test('is as before once the argument is no longer asked for', () => {
      const host = new FakeHost(bootLoader);
      const before = host.read(host.bootFile);
      host.converge(NORMAL);

      const { stdout } = host.converge({});

      expect(stdout).toContain('removed rcupdate.rcu_normal\n');
      expect(host.read(host.bootFile)).toBe(before);
    });
  });

  test('of piboot is never looked for in the place of the classic firmware', () => {
    const host = new FakeHost('piboot');
    host.write('/boot/firmware/cmdline.txt', 'old place\n');

    host.converge(NORMAL);

    expect(host.read('/boot/firmware/cmdline.txt')).toBe('old place\n');
  });

  test.each([
    ['another value', 'a b=0 c', 'a b=1 c'],
    ['the same value', 'a b=1 c', 'a b=1 c'],
    ['the name without a value', 'a b c', 'a b=1 c'],
    ['two values', 'b=0 a b=2 c', 'b=1 a c'],
    ['the same value twice', 'b=1 a b=1', 'b=1 a'],
    ['several blanks', 'a  b=0   c', 'a b=1 c'],
    ['no newline at the end', 'a', 'a b=1'],
    ['a name that only begins alike', 'bb=0 b.c=0', 'bb=0 b.c=0 b=1'],
    ['a quoted blank', 'x="p b=0 q" b=0', 'x="p b=0 q" b=1'],
    ['words for init behind "--"', 'a -- single b=0', 'a b=1 -- single b=0'],
  ])('with %s has the argument once', (_, before, after) => {
    const host = new FakeHost();
    host.write(host.bootFile, before === 'a' ? before : `${before}\n`);

    host.converge({ kernelArguments: ['b=1'] });

    expect(host.read(host.bootFile).trimEnd()).toBe(after);
  });

  test('knows a parameter by either spelling', () => {
    const host = new FakeHost();
    host.write(host.bootFile, 'a rcupdate.rcu-normal=0\n');

    host.converge(NORMAL);

    expect(host.read(host.bootFile)).toBe('a rcupdate.rcu_normal=1\n');
  });

  test.each([
    ['b=0 a', 'b=0 a'],
    ['a b=1 c', 'a b=1 c'],
    ['a b=0 c b=2', 'a b=0 b=2 c'],
    ['a', 'a'],
  ])('gets back the values of before, also after two changes of the plan: %j', (before, after) => {
    const host = new FakeHost();
    host.write(host.bootFile, `${before}\n`);
    host.converge({ kernelArguments: ['b=1'] });
    host.converge({ kernelArguments: ['b=3'] });

    host.converge({});

    expect(host.read(host.bootFile)).toBe(`${after}\n`);
  });

  test('keeps one argument when another is given back', () => {
    const host = new FakeHost();
    host.converge({ kernelArguments: ['a=1', 'b=1'] });

    host.converge({ kernelArguments: ['b=1'] });

    expect(host.read(host.bootFile)).toBe('console=tty1 root=LABEL=writable rootwait b=1\n');
  });

  test.each([
    ['is empty', ''],
    ['is blank', ' \n'],
    ['has two lines', 'a\nb\n'],
    ['has an empty line at the end', 'a\n\n'],
    ['holds NUL bytes, as after a power failure on FAT', 'a\0\0\0'],
    ['holds a control character', 'a\rb\n'],
    ['leaves a quotation open', 'a="b c\n'],
  ])('is refused when it %s', (_, content) => {
    const host = new FakeHost();
    host.write(host.bootFile, content);

    const { status, stdout } = host.converge({ ...NORMAL, files: [{ path: '/etc/x', mode: '0644', content: 'x' }] });

    expect(status).toBe(2);
    expect(stdout).toContain(`refused ${host.bootFile}: expected`);
    expect(stdout).toContain('changed /etc/x\n');
    expect(host.read(host.bootFile)).toBe(content);
  });

  test('is refused when the file is missing', () => {
    const host = new FakeHost();
    rmSync(host.at(host.bootFile));

    const { status, stdout } = host.converge(NORMAL);

    expect(status).toBe(2);
    expect(stdout).toContain('found no file of a known boot loader (is /boot/firmware mounted?)');
    expect(host.exists(host.bootFile)).toBe(false);
  });

  test('is refused when a symbolic link stands there', () => {
    const host = new FakeHost();
    rmSync(host.at(host.bootFile));
    host.write('/etc/elsewhere', 'a\n');
    symlinkSync(host.at('/etc/elsewhere'), host.at(host.bootFile));

    const { status, stdout } = host.converge(NORMAL);

    expect(status).toBe(2);
    expect(stdout).toContain('a symbolic link stands there');
    expect(host.read('/etc/elsewhere')).toBe('a\n');
  });

  test('waits for a reboot as long as the kernel runs without it', () => {
    const host = new FakeHost();
    host.write('/proc/cmdline', 'a\n');
    const waiting = host.converge(NORMAL);
    host.write('/proc/cmdline', 'a rcupdate.rcu_normal=1\n');

    const { stdout } = host.run();

    expect(waiting.stdout).toContain('pending reboot: the running kernel was started without rcupdate.rcu_normal=1\n');
    expect(stdout).not.toContain('pending');
  });
});

describeWith(['bash', 'flock'], 'converge.sh and GRUB', () => {
  const MENU = '/etc/default/grub.d/99-selfheal.cfg';

  test('writes a menu only when it changed', () => {
    const host = new FakeHost('grub');

    expect(host.converge(NORMAL).calls).toEqual(['update-grub ']);
    expect(host.run()).toMatchObject({ status: 0, calls: [] });
    expect(host.read(MENU)).toBe('GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX rcupdate.rcu_normal=1"\n');
  });

  test('writes the menu without the argument once it is no longer asked for', () => {
    const host = new FakeHost('grub');
    host.converge(NORMAL);

    const { calls } = host.converge({});

    expect(calls).toEqual(['update-grub ']);
    expect(host.exists(MENU)).toBe(false);
  });

  test('writes the menu in the next run when it failed in this one', () => {
    const host = new FakeHost('grub');
    host.stub('update-grub', '#!/bin/bash\nexit 1\n');
    const failed = host.converge(NORMAL);
    host.stub('update-grub', '#!/bin/bash\n');

    expect(failed).toMatchObject({ status: 2, stdout: expect.stringContaining('refused update-grub') });
    expect(host.run()).toMatchObject({ status: 3, stdout: expect.stringContaining('changed update-grub') });
  });

  test.each([
    ['update-grub', (host: FakeHost) => host.without('update-grub')],
    ['/etc/default/grub but no file of a known boot loader', (host: FakeHost) => rmSync(host.at('/etc/default/grub'))],
  ])('is refused on a host without %s', (what, remove) => {
    const host = new FakeHost('grub');
    remove(host);

    const { status, stdout } = host.converge(NORMAL);

    expect(status).toBe(2);
    expect(stdout).toContain(`refused ${MENU}: expected GRUB on this host, found no ${what}\n`);
    expect(host.exists(MENU)).toBe(false);
  });
});
