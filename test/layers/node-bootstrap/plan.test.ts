import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NOTHING } from '../../../src/host/host-state.js';
import { HOST_ROOTS, planLines, withBootMenu } from '../../../src/layers/node-bootstrap/plan.js';
import { groupWith } from './fake-host.js';

const PI = groupWith('piboot');
const file = (path: string) => ({ path, mode: '0644', content: '' }) as const;
const flag = (name: string) => ({ file: '/etc/args', flag: name, value: '1', readBy: 'a.service' });

test.each([
  ['/home/victor/x'],
  ['/etc'],
  ['/etc/../root/x'],
  ['/etc/./x'],
  ['/etc//x'],
  ['/etc/x/'],
  ['/etc/with blank'],
  ['/etc/with%percent'],
  ['/etcetera/x'],
  ['etc/x'],
  ['/var/lib/selfheal/bootstrap/files/x'],
])('refuses a file at %j', (path) => {
  expect(() => planLines(PI, { ...NOTHING, files: [file(path)] })).toThrow(
    `host state of '${PI.name}': expected a plain path in one of /etc, `,
  );
});

test('refuses a flag in a file outside the allowed folders', () => {
  expect(() => planLines(PI, { ...NOTHING, flags: [{ ...flag('--a'), file: '/root/args' }] })).toThrow(
    'got "/root/args"',
  );
});

test('refuses two contributions to one path', () => {
  expect(() => planLines(PI, { ...NOTHING, files: [file('/etc/x'), file('/etc/x')] })).toThrow(
    'expected each path once, got "/etc/x" twice',
  );
});

test('refuses two values of one kernel argument, also where one is spelt with a dash', () => {
  expect(() => planLines(PI, { ...NOTHING, kernelArguments: ['a.b_c=1', 'a.b-c=2'] })).toThrow(
    'expected each kernel argument once, got "a.b_c" twice',
  );
});

test('refuses two values of one flag', () => {
  expect(() => planLines(PI, { ...NOTHING, flags: [flag('--a'), flag('--a')] })).toThrow(
    'expected each flag once, got "--a in /etc/args" twice',
  );
});

test('refuses a value with a blank, which would be two fields', () => {
  expect(() => planLines(PI, { ...NOTHING, flags: [{ ...flag('--a'), value: '1 2' }] })).toThrow(
    'expected fields without blanks, got "1 2"',
  );
});

test('takes a unit and an argument that two layers ask for once', () => {
  const plan = planLines(PI, { ...NOTHING, units: ['a.timer', 'a.timer'], kernelArguments: ['q', 'q'] });

  expect(plan).toBe('selfheal-plan 1\nboot-loader piboot\non-drift report\nunit a.timer\nargument q\nend\n');
});

test('names each item with all that the host program needs', () => {
  const plan = planLines(PI, {
    files: [{ path: '/etc/sysctl.d/a.conf', mode: '0755', content: 'x' }],
    units: ['a.timer'],
    kernelArguments: ['q=1'],
    flags: [flag('--a')],
    parameters: [],
  });

  expect(plan.split('\n').slice(3, -2)).toEqual([
    'file 0755 host_etc_sysctl.d_a.conf /etc/sysctl.d/a.conf',
    'unit a.timer',
    'argument q=1',
    'flag /etc/args --a 1 a.service',
  ]);
});

test('brings kernel arguments to GRUB as a file, and none where there are none', () => {
  const grub = groupWith('grub');

  expect(withBootMenu(grub, NOTHING).files).toEqual([]);
  expect(withBootMenu(PI, { ...NOTHING, kernelArguments: ['q=1'] }).files).toEqual([]);
  expect(withBootMenu(grub, { ...NOTHING, kernelArguments: ['q=1', 'r'] }).files).toEqual([
    {
      path: '/etc/default/grub.d/99-selfheal.cfg',
      mode: '0644',
      content: 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX q=1 r"\n',
    },
  ]);
});

test('allows the same folders as the host program', () => {
  const script = readFileSync('src/layers/node-bootstrap/scripts/paths.sh', 'utf8');
  const roots = /ROOTS=\(([^)]*)\)/.exec(script)?.[1]?.trim().split(/\s+/);

  expect(roots).toEqual([...HOST_ROOTS]);
});
