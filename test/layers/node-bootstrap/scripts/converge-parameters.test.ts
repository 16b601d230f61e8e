import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FakeHost } from '../fake-host.js';

const FILE = '/sys/module/rcupdate/parameters/timeout';
const parameter = (value: string, name = 'timeout') => ({ parameters: [{ module: 'rcupdate', name, value }] });

function host(value = '21000'): FakeHost {
  const made = new FakeHost();
  made.write(FILE, `${value}\n`);
  return made;
}

describeWith(['bash', 'flock'], 'converge.sh and parameters of modules', () => {
  test('sets the running value, and nothing the second time', () => {
    const made = host();

    const first = made.converge(parameter('0'));
    const before = made.snapshot('/', true);
    const second = made.run();

    expect(first).toMatchObject({ status: 3, stdout: 'changed rcupdate.timeout\n' });
    expect(made.read(FILE)).toBe('0\n');
    expect(second).toMatchObject({ status: 0, stdout: 'kept rcupdate.timeout\n' });
    expect(made.snapshot('/', true)).toEqual(before);
  });

  test('puts back the value of before, also after two changes of the plan', () => {
    const made = host();
    made.converge(parameter('0'));
    made.converge(parameter('5'));

    const { stdout } = made.converge({});

    expect(stdout).toBe('restored rcupdate.timeout\n');
    expect(made.read(FILE)).toBe('21000\n');
    expect(made.run()).toMatchObject({ status: 0, stdout: '' });
  });

  test('waits for a module that is not loaded', () => {
    const made = new FakeHost();

    const { status, stdout } = made.converge(parameter('0'));

    expect(status).toBe(0);
    expect(stdout).toBe('pending rcupdate.timeout: the module is not loaded; it gets the value when it is\n');
  });

  test('refuses a parameter that this kernel does not have', () => {
    const { status, stdout } = host().converge(parameter('0', 'timeuot'));

    expect(status).toBe(2);
    expect(stdout).toContain('refused rcupdate.timeuot: expected a parameter of this kernel, found no ');
  });

  test('waits for the next loading of a module whose parameter cannot be written', () => {
    const made = new FakeHost();
    made.write(FILE, '1\n', 0o444);

    const { status, stdout } = made.converge(parameter('0'));

    expect(status).toBe(0);
    expect(stdout).toContain('pending rcupdate.timeout: found 1, which cannot be changed before');
    expect(made.read(FILE)).toBe('1\n');
  });

  test('knows Y for 1 and N for 0', () => {
    expect(host('Y').converge(parameter('1'))).toMatchObject({ stdout: 'kept rcupdate.timeout\n' });
    expect(host('N').converge(parameter('0'))).toMatchObject({ stdout: 'kept rcupdate.timeout\n' });
    expect(host('N').converge(parameter('1')).stdout).toBe('changed rcupdate.timeout\n');
  });

  test('sees and mends what a hand has set, and names it', () => {
    const made = host();
    made.write('/proc/sys/kernel/random/boot_id', 'one\n');
    made.converge(parameter('0'));
    made.write(FILE, '7\n');

    const seen = made.run({}, '--check');
    const mended = made.run();

    expect(seen).toMatchObject({ status: 3, stdout: 'drifted rcupdate.timeout: it was edited since: found 7\n' });
    expect(mended.stdout).toBe('changed rcupdate.timeout: it was edited since: found 7\n');
  });

  test("takes the value after a boot for nobody's edit, also where edits are left", () => {
    const made = host();
    made.onDrift = 'report';
    made.write('/proc/sys/kernel/random/boot_id', 'one\n');
    made.converge(parameter('0'));
    made.write('/proc/sys/kernel/random/boot_id', 'two\n');
    made.write(FILE, '21000\n');

    expect(made.run()).toMatchObject({ status: 3, stdout: 'changed rcupdate.timeout\n' });
  });

  test('forgets the value of a module that is gone', () => {
    const made = host();
    made.converge(parameter('0'));
    rmSync(made.at('/sys/module/rcupdate'), { recursive: true });

    expect(made.converge({})).toMatchObject({ status: 3, stdout: 'restored rcupdate.timeout\n' });
  });
});
