import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FakeHost } from '../fake-host.js';

const file = (path: string, content: string) => ({ path, mode: '0644', content }) as const;
const TIMER = file('/etc/systemd/system/w.timer', '[Timer]\n');
const WATCHED = { files: [TIMER], units: ['w.timer'] };

describeWith(['bash', 'flock'], 'converge.sh and systemd', () => {
  test('does not ask systemd for anything when nothing changed', () => {
    const host = new FakeHost();
    host.converge(WATCHED);

    const { status, stdout, calls } = host.run();

    expect(status).toBe(0);
    expect(stdout).toContain('kept w.timer\n');
    expect(calls).toEqual([]);
  });

  test('reads the unit files before it starts a new unit', () => {
    const { calls } = new FakeHost().converge(WATCHED);

    expect(calls).toEqual(['systemctl daemon-reload', 'systemctl enable --now w.timer']);
  });

  test('starts a unit that somebody stopped', () => {
    const host = new FakeHost();
    host.converge(WATCHED);
    rmSync(host.at('/run/units/w.timer.active'));

    const { stdout, calls } = host.run();

    expect(stdout).toContain('changed w.timer\n');
    expect(calls).toEqual(['systemctl enable --now w.timer']);
  });

  test('restarts a running unit of the plan when its own file changed', () => {
    const host = new FakeHost();
    host.converge(WATCHED);

    const { calls } = host.converge({ ...WATCHED, files: [file(TIMER.path, '[Timer]\nOnBootSec=1\n')] });

    expect(calls).toEqual(['systemctl daemon-reload', 'systemctl restart w.timer']);
  });

  test('never restarts a service whose drop-in it brings but which is not in the plan', () => {
    const dropIn = file('/etc/systemd/system/k3s.service.d/sandbox-cleanup.conf', '[Service]\n');

    const { calls } = new FakeHost().converge({ files: [dropIn] });

    expect(calls).toEqual(['systemctl daemon-reload']);
  });

  test('executes systemd anew for a drop-in of system.conf, and only for that', () => {
    const host = new FakeHost();
    const state = { files: [file('/etc/systemd/system.conf.d/watchdog.conf', '[Manager]\n')] };

    expect(host.converge(state).calls).toEqual(['systemctl daemon-reexec']);
    expect(host.run().calls).toEqual([]);
    expect(host.converge({}).calls).toEqual(['systemctl daemon-reexec']);
  });

  test('loads a sysctl file that changed, and no other', () => {
    const host = new FakeHost();
    const files = [file('/etc/sysctl.d/a.conf', 'a=1\n'), file('/etc/sysctl.d/b.conf', 'b=1\n')] as const;
    host.converge({ files });

    const { calls } = host.converge({ files: [files[0], file('/etc/sysctl.d/b.conf', 'b=2\n')] });

    expect(calls).toEqual([`sysctl -p ${host.at('/etc/sysctl.d/b.conf')}`]);
  });

  test('loads again what the kernel did not take, until it does', () => {
    const host = new FakeHost();
    host.stub('sysctl', '#!/bin/bash\nexit 255\n');
    const first = host.converge({ files: [file('/etc/sysctl.d/a.conf', 'a=1\n')] });
    const second = host.run();
    host.stub('sysctl', '#!/bin/bash\n');
    const third = host.run();

    expect(first).toMatchObject({ status: 2, stdout: expect.stringContaining('refused sysctl /etc/sysctl.d/a.conf') });
    expect(second.status).toBe(2);
    expect(third).toMatchObject({ status: 3, stdout: expect.stringContaining('changed sysctl /etc/sysctl.d/a.conf') });
    expect(host.run().status).toBe(0);
  });

  test('stops and disables a unit before it takes its file away', () => {
    const host = new FakeHost();
    host.converge(WATCHED);

    const { stdout, calls } = host.converge({});

    expect(calls).toEqual(['systemctl disable --now w.timer', 'systemctl daemon-reload']);
    expect(stdout).toBe('removed w.timer\nremoved /etc/systemd/system/w.timer\nchanged daemon-reload\n');
  });

  test('keeps the files of a unit that cannot be stopped', () => {
    const host = new FakeHost();
    host.converge(WATCHED);
    host.stub('systemctl', '#!/bin/bash\nexit 1\n');

    const { status, stdout } = host.converge({});

    expect(status).toBe(2);
    expect(stdout).toBe('refused w.timer: it cannot be stopped and disabled\n');
    expect(host.exists(TIMER.path)).toBe(true);
  });

  test('does not disable a unit that was enabled before it came', () => {
    const host = new FakeHost();
    host.write('/run/units/theirs.timer.enabled', '');
    host.write('/run/units/theirs.timer.active', '1');
    host.converge({ units: ['theirs.timer'] });

    const { stdout, calls } = host.converge({});

    expect(stdout).toBe('restored theirs.timer: it was enabled before\n');
    expect(calls).toEqual([]);
  });

  test('does not touch a unit of which systemd says nothing', () => {
    const host = new FakeHost();
    host.stub('systemctl', '#!/bin/bash\necho "systemctl $*" >>"$CALLS"\nexit 1\n');

    const { status, stdout, calls } = host.converge({ units: ['w.timer'] });

    expect(status).toBe(2);
    expect(stdout).toBe('cannot-tell w.timer: systemd does not say how it is\n');
    expect(calls).toEqual([]);
  });

  test('does not wait for ever for a systemd that hangs', () => {
    const host = new FakeHost();
    host.stub('systemctl', '#!/bin/bash\nread -r -t 30 <> <(:)\n');
    host.stage({ units: ['w.timer'] });

    const { status } = host.run({ CONVERGE_TIMEOUT: '1' });

    expect(status).toBe(2);
  });
});
