import { mkdirSync, statSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FakeHost } from '../fake-host.js';

const FILE = '/var/snap/microk8s/current/args/kube-scheduler';
const KUBELITE = 'snap.microk8s.daemon-kubelite.service';
const SHIPPED = [
  '--kubeconfig=${SNAP_DATA}/credentials/scheduler.config',
  '# --leader-elect-lease-duration=1s',
  '--leader-elect-lease-duration=60s',
  '--leader-elect-renew-deadline=30s',
  '--profiling=false',
  '',
].join('\n');

const flag = (name: string, value: string) => ({ file: FILE, flag: `--leader-elect-${name}`, value, readBy: KUBELITE });
const LEASE = {
  flags: [flag('lease-duration', '20s'), flag('renew-deadline', '15s'), flag('retry-period', '2s')],
};

/** As snapd lays it out: "current" is a link to the revision. */
function microk8s(): FakeHost {
  const host = new FakeHost('grub');
  mkdirSync(host.at('/var/snap/microk8s/1234/args'), { recursive: true });
  symlinkSync('1234', host.at('/var/snap/microk8s/current'));
  host.write(FILE, SHIPPED, 0o660);
  host.write(`/run/units/${KUBELITE}.active`, 'first');
  return host;
}

describeWith(['bash', 'flock'], 'converge.sh and arguments files', () => {
  test('sets the flags and leaves every other line as it was', () => {
    const host = microk8s();

    const { status, stdout } = host.converge(LEASE);

    expect(status).toBe(3);
    expect(stdout).toContain(`changed ${FILE} --leader-elect-lease-duration=20s\n`);
    expect(host.read(FILE)).toBe(
      [
        '--kubeconfig=${SNAP_DATA}/credentials/scheduler.config',
        '# --leader-elect-lease-duration=1s',
        '--leader-elect-lease-duration=20s',
        '--leader-elect-renew-deadline=15s',
        '--profiling=false',
        '--leader-elect-retry-period=2s',
        '',
      ].join('\n'),
    );
  });

  test('writes all flags of a file at once, and keeps its mode', () => {
    const host = microk8s();
    host.stub('sync', '#!/bin/bash\n[[ $2 != */.kube-scheduler.* ]] || printf "written\\n" >>"$CALLS"\n');

    const { calls } = host.converge(LEASE);

    expect(calls).toEqual(['written']);
    expect(host.mode(FILE)).toBe('0660');
  });

  test('never restarts the control plane, and says that it waits for its next start', () => {
    const host = microk8s();

    const first = host.converge(LEASE);
    const again = host.run();
    host.write(`/run/units/${KUBELITE}.active`, 'second');
    const restarted = host.run();

    expect(first.calls).toEqual([]);
    expect(first.stdout).toContain(`pending ${KUBELITE}: it reads its new arguments when it starts next\n`);
    expect(again.stdout).toContain(`pending ${KUBELITE}`);
    expect(again.status).toBe(0);
    expect(restarted.stdout).not.toContain('pending');
  });

  test('changes nothing the second time, not even a time stamp', () => {
    const host = microk8s();
    host.converge(LEASE);
    const before = host.snapshot('/', true);

    expect(host.run().status).toBe(0);
    expect(host.snapshot('/', true)).toEqual(before);
  });

  test('puts back the values of before once they are no longer asked for', () => {
    const host = microk8s();
    host.converge(LEASE);

    const { stdout } = host.converge({});

    expect(host.read(FILE)).toBe(SHIPPED);
    expect(stdout).toContain(`restored ${FILE} --leader-elect-lease-duration\n`);
    expect(stdout).toContain(`removed ${FILE} --leader-elect-retry-period\n`);
    expect(host.run()).toMatchObject({ status: 0, stdout: expect.not.stringContaining('kube-scheduler') });
  });

  test('takes the two spellings and a repetition of a flag for one', () => {
    const host = microk8s();
    host.write(FILE, '--leader-elect-lease-duration 60s\n--v=1\n--leader-elect-lease-duration=50s\n');

    host.converge({ flags: [flag('lease-duration', '20s')] });
    const set = host.read(FILE);
    host.converge({});

    expect(set).toBe('--leader-elect-lease-duration=20s\n--v=1\n');
    expect(host.read(FILE)).toBe('--leader-elect-lease-duration 60s\n--leader-elect-lease-duration=50s\n--v=1\n');
  });

  test('knows a flag behind blanks, and takes a comment for none', () => {
    const host = microk8s();
    host.write(FILE, '  --leader-elect-lease-duration=60s\n# --leader-elect-lease-duration=50s\n');

    host.converge({ flags: [flag('lease-duration', '20s')] });

    expect(host.read(FILE)).toBe('--leader-elect-lease-duration=20s\n# --leader-elect-lease-duration=50s\n');
  });

  test('refuses a file that is not there', () => {
    const host = new FakeHost('grub');

    const { status, stdout } = host.converge(LEASE);

    expect(status).toBe(2);
    expect(stdout).toBe(`refused ${FILE}: expected an arguments file, found none\n`);
    expect(host.exists(FILE)).toBe(false);
  });

  test('keeps the owner of the file', () => {
    const host = microk8s();
    const { uid, gid } = statSync(host.at(FILE));

    host.converge(LEASE);

    expect(statSync(host.at(FILE))).toMatchObject({ uid, gid });
  });
});
