import { describe, expect, test } from 'vitest';
import { panicReboots } from '../../../src/guardrails/rules/panic-reboots.js';
import { minimal } from '../../support/clusters.js';
import { configMap, daemonSet, foundIn, pod } from '../examples.js';

const sysctl = (...lines: string[]) => configMap({ '99-hung-task.conf': `${lines.join('\n')}\n` });

describe('panic-reboots', () => {
  test('refuses a panic on hung tasks that ends in a standstill', () => {
    expect(foundIn(panicReboots, [sysctl('kernel.hung_task_panic = 1')])).toEqual([
      'ConfigMap tools/scripts: expected kernel.panic other than 0 beside kernel.hung_task_panic, got nothing (the kernel waits for ever)',
    ]);
  });

  test.each([
    'kernel.softlockup_panic=1',
    'kernel.panic_on_rcu_stall = 1',
    'kernel.panic_on_oops=1',
    'vm.panic_on_oom=1',
  ])('refuses %s beside kernel.panic = 0', (line) => {
    expect(foundIn(panicReboots, [sysctl(line, 'kernel.panic = 0')])).toEqual([expect.stringContaining('got 0')]);
  });

  test('refuses a value that a later line takes back', () => {
    const object = sysctl('kernel.hung_task_panic = 1', 'kernel.panic = 10', 'kernel.panic = 0');

    expect(foundIn(panicReboots, [object])).toHaveLength(1);
  });

  test('does not take a comment for a setting', () => {
    expect(foundIn(panicReboots, [sysctl('kernel.hung_task_panic = 1', '# kernel.panic = 10')])).toHaveLength(1);
  });

  test.each(['10', '-1'])('accepts kernel.panic = %s', (value) => {
    expect(foundIn(panicReboots, [sysctl('kernel.hung_task_panic = 1', `kernel.panic = ${value}`)])).toEqual([]);
  });

  test('accepts the time-out on the kernel command line of the same hosts', () => {
    const cluster = minimal({ hosts: [{ nodes: ['lamp'], kernel: { arguments: ['panic=10'] } }] });
    const objects = [
      daemonSet(pod({ volumes: [{ name: 's', configMap: { name: 'scripts' } }] }), {}, 'lamp-node-bootstrap'),
      sysctl('kernel.hung_task_panic = 1'),
    ];

    expect(foundIn(panicReboots, objects, cluster)).toEqual([]);
  });

  test('asks nothing where no panic is asked for', () => {
    expect(
      foundIn(panicReboots, [sysctl('kernel.hung_task_panic = 0', 'kernel.hung_task_timeout_secs = 120')]),
    ).toEqual([]);
  });
});
