import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fakeHost } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

const SCRIPT = fileURLToPath(new URL('../../../src/layers/upgrades/scripts/selfheal-upgrade-run.sh', import.meta.url));

function run(answers: { start: number; state?: string }, args = ['selfheal-os-upgrade'], node = 'ultron') {
  const systemctl = `case $1 in
start) exit ${answers.start} ;;
show) printf 'abc123\\n' ;;
is-system-running) printf '%s\\n' '${answers.state ?? 'running'}' ;;
esac`;
  const host = fakeHost(['env', 'timeout'], { systemctl, journalctl: 'exit 0', sleep: 'exit 0' });
  return host.run(SCRIPT, { SYSTEM_UPGRADE_NODE_NAME: node }, args);
}

describeWith(['bash'], 'selfheal-upgrade-run.sh', () => {
  test.each([
    [[], 'ultron'],
    [['ssh'], 'ultron'],
    [['selfheal-os-upgrade'], ''],
    [['selfheal-os-upgrade'], 'ultron; reboot'],
  ])('starts nothing for %j on %j', (args, node) => {
    const outcome = run({ start: 0 }, args, node);

    expect(outcome).toMatchObject({ status: 1, calls: [] });
    expect(outcome.stderr).toContain('expected');
  });

  test('fails when the unit fails', () => {
    const { status, calls } = run({ start: 1 });

    expect(status).toBe(2);
    expect(calls).not.toContain('sleep 300');
  });

  test('waits to be ended with the machine when the unit failed because the machine goes down', () => {
    const { status, calls } = run({ start: 1, state: 'stopping' });

    expect(status).toBe(2);
    expect(calls.at(-1)).toBe('sleep 300');
  });

  test('runs the unit of this node to its end and shows what it said', () => {
    const { status, calls } = run({ start: 0 }, ['selfheal-upgrade-gate']);

    expect(status).toBe(0);
    expect(calls).toEqual([
      'systemctl start selfheal-upgrade-gate@ultron.service',
      'systemctl show --property=InvocationID --value selfheal-upgrade-gate@ultron.service',
      'journalctl --no-pager --output=cat _SYSTEMD_INVOCATION_ID=abc123',
    ]);
  });
});
