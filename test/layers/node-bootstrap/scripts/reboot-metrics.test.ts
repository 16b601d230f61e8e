/** Runs reboot-metrics.sh for real, on a host that is made of files. */
import { describe, expect, test } from 'vitest';
import { fakeHost } from '../../../support/fake-host.js';
import { hostWith, type Options } from '../report-host.js';

const NEWER = { '/lib/modules/6.8.0-31-generic/modules.dep': '', '/lib/modules/6.8.0-50-generic/modules.dep': '' };
const ASKED_FOR = { '/run/reboot-required': '' };

function run(options: Options = {}, host = hostWith(options)) {
  const { status, stdout, stderr } = host.run(host.path('bin/bash'), { REPORT_ROOT: host.path('root') }, [
    host.path('payload/reboot-metrics.sh'),
  ]);
  const samples = [...stdout.matchAll(/^selfheal_reboot_pending\{reason="([a-z-]+)"\} ([01])$/gm)];
  return {
    status,
    stdout,
    stderr,
    waits: Object.fromEntries(samples.map(([, reason = '', value]) => [reason, value])),
  };
}

test('says in the text format that no reboot waits', () => {
  expect(run().stdout).toBe(`# HELP selfheal_reboot_pending Whether a reboot of this host waits, by what asks for it.
# TYPE selfheal_reboot_pending gauge
selfheal_reboot_pending{reason="reboot-required"} 0
selfheal_reboot_pending{reason="kernel"} 0
selfheal_reboot_pending{reason="kernel-arguments"} 0
`);
});

test.each<[string, Options, Record<string, string>]>([
  ['what the distribution asks for', { files: ASKED_FOR }, { 'reboot-required': '1', kernel: '0' }],
  ['a newer kernel', { files: NEWER }, { kernel: '1', 'reboot-required': '0', 'kernel-arguments': '0' }],
  ['arguments', { kernelArguments: ['panic=10'] }, { 'kernel-arguments': '1', kernel: '0' }],
  ['two at once', { files: { ...NEWER, ...ASKED_FOR } }, { kernel: '1', 'reboot-required': '1' }],
])('says that a reboot waits for %s, and of the others that none does', (_, options, expected) => {
  const { status, waits } = run(options);

  expect(status).toBe(0);
  expect(waits).toMatchObject(expected);
  expect(Object.keys(waits)).toHaveLength(3);
});

describe('a reason that cannot be told has no line, and the others have theirs', () => {
  test('arguments without a plan that is whole', () => {
    const host = hostWith({ files: NEWER });
    host.write('payload/plan', 'selfheal-plan 1\nboot-loader grub\n');

    expect(run({}, host).waits).toEqual({ 'reboot-required': '0', kernel: '1' });
  });

  test.each([
    ['whose name says no flavour', { files: { ...NEWER, '/proc/sys/kernel/osrelease': 'custom\n' } }],
    ['that nobody can compare', { files: NEWER, stubs: { sort: 'exit 1' } }],
  ])('a kernel %s', (_, options) => {
    expect(run(options)).toMatchObject({ status: 0, waits: { 'reboot-required': '0', 'kernel-arguments': '0' } });
    expect(run(options).waits).not.toHaveProperty('kernel');
  });
});

test('says nothing at all where nothing can be told, or where its parts are not beside it', () => {
  const bare = fakeHost(['timeout'], {});
  const whole = hostWith({});
  for (const part of ['host-report.sh', 'report-boot.sh', 'reboot-metrics.sh'])
    bare.write(`payload/${part}`, whole.read(`payload/${part}`));
  const alone = fakeHost([], {});
  alone.write('payload/reboot-metrics.sh', whole.read('payload/reboot-metrics.sh'));

  expect(run({}, bare)).toMatchObject({ status: 2, stdout: '' });
  expect(run({}, alone)).toMatchObject({ status: 2, stdout: '' });
  expect(run({}, alone).stderr).toContain('expected host-report.sh there, found none');
});
