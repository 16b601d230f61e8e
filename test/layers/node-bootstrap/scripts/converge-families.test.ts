import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FakeHost } from '../fake-host.js';

const file = (path: string, content: string, mode: '0644' | '0755' = '0644') => ({ path, mode, content });
const PROGRAM = file('/usr/local/bin/w', '#!/bin/sh\n', '0755');
const PART = file('/usr/local/lib/selfheal/w/part.sh', 'a\n');
const SERVICE = file('/etc/systemd/system/w.service', '[Service]\nExecStart=/usr/local/bin/w run\n');
const OTHER = file('/etc/other', 'x\n');
const WATCH = {
  files: [SERVICE, PROGRAM, PART, OTHER],
  units: [{ name: 'w.service', reads: [PART.path] }],
};
const changed = (each: typeof SERVICE) => ({
  ...WATCH,
  files: WATCH.files.map((one) => (one.path === each.path ? { ...one, content: `${one.content}# new\n` } : one)),
});

describeWith(['bash', 'flock'], 'converge.sh and the files of a unit', () => {
  test.each([
    ['the program that its unit file names', PROGRAM],
    ['a part that the plan says it reads', PART],
    ['its unit file', SERVICE],
  ])('restarts a service when %s changed', (_, each) => {
    const host = new FakeHost();
    host.converge(WATCH);

    const { calls } = host.converge(changed(each));

    expect(calls.filter((call) => call.includes('restart'))).toEqual(['systemctl restart w.service']);
    expect(host.run()).toMatchObject({ status: 0, calls: [] });
  });

  test('does not restart it for a file that is none of its own', () => {
    const host = new FakeHost();
    host.converge(WATCH);

    expect(host.converge(changed(OTHER)).calls).toEqual([]);
  });

  test('keeps its unit file and is not restarted where a program of it could not get its name', () => {
    const host = new FakeHost();
    host.converge(WATCH);
    host.stub(
      'mv',
      `#!/bin/bash\n[[ \${!#} != */bin/w ]] || { echo 'mv: Input/output error' >&2; exit 1; }\nexec /bin/mv "$@"\n`,
    );
    const both = { ...WATCH, files: WATCH.files.map((each) => ({ ...each, content: `${each.content}# new\n` })) };

    const { status, stdout, calls } = host.converge(both);

    expect(status).toBe(2);
    expect(calls.filter((call) => call.includes('restart'))).toEqual([]);
    expect(stdout).toContain("refused /usr/local/bin/w: 'mv' failed: Input/output error\n");
    expect(stdout).toContain('changed /etc/other\n');
    expect(host.read(SERVICE.path)).toBe(SERVICE.content);
    expect(Object.keys(host.snapshot()).filter((path) => path.includes('selfheal-new'))).toEqual([]);
  });

  test('does not restart a timer for the program of its service', () => {
    const host = new FakeHost();
    const timer = { files: [PROGRAM, SERVICE, file('/etc/systemd/system/w.timer', '[Timer]\n')], units: ['w.timer'] };
    host.converge(timer);

    const { calls } = host.converge({ ...timer, files: [{ ...PROGRAM, content: 'new\n' }, ...timer.files.slice(1)] });

    expect(calls).toEqual([]);
  });

  test('does not run a oneshot service again, neither at the next start of the pod nor for a new program', () => {
    const host = new FakeHost();
    host.write('/run/units/w.service.type', 'oneshot');
    const first = host.converge(WATCH);
    rmSync(host.at('/run/units/w.service.active'));

    const again = host.run();
    const newProgram = host.converge(changed(PROGRAM));

    expect(first.calls).toContain('systemctl enable --now w.service');
    expect(again).toMatchObject({ status: 0, calls: [] });
    expect(newProgram.calls).toEqual([]);
  });

  test('starts a socket whose service is a template', () => {
    const host = new FakeHost();
    const peer = {
      files: [
        file('/etc/systemd/system/p@.service', '[Service]\nExecStart=/usr/local/bin/w\n'),
        file('/etc/systemd/system/p.socket', '[Socket]\nAccept=yes\n'),
        PROGRAM,
      ],
      units: ['p.socket'],
    };

    expect(host.converge(peer).calls).toEqual(['systemctl daemon-reload', 'systemctl enable --now p.socket']);
    expect(host.run()).toMatchObject({ status: 0, calls: [] });
  });

  test('writes the program before the unit that names it', () => {
    const host = new FakeHost();
    host.stub('mv', '#!/bin/bash\nprintf "mv %s\\n" "${4#"$CONVERGE_ROOT"}" >>"$CALLS"\nexec /bin/mv "$@"\n');

    const { calls } = host.converge(WATCH);

    const order = calls.filter((call) => [PROGRAM, PART, SERVICE].some(({ path }) => call === `mv ${path}`));
    expect(order.at(-1)).toBe(`mv ${SERVICE.path}`);
    expect(order).toHaveLength(3);
  });
});

const REFUSALS: readonly (readonly [string, (host: FakeHost) => void])[] = [
  ['a link stands there', (host) => symlinkSync('/nowhere', host.at(PROGRAM.path))],
  ['a folder stands there', (host) => mkdirSync(host.at(PROGRAM.path))],
  [
    'the disk does not take it',
    (host) =>
      host.stub(
        'cp',
        '#!/bin/bash\n[[ $* != */.w.selfheal-new ]] || { echo "cp: No space left on device" >&2; exit 1; }\nexec /bin/cp "$@"\n',
      ),
  ],
];

describeWith(['bash', 'flock'], 'converge.sh with a unit of which one file is refused', () => {
  test.each(REFUSALS)('installs nothing of it and starts nothing, but does the rest: %s', (_, hinder) => {
    const host = new FakeHost();
    mkdirSync(host.at('/usr/local/bin'), { recursive: true });
    hinder(host);

    const { status, stdout, calls } = host.converge(WATCH);

    expect(status).toBe(2);
    expect(stdout).toContain(`refused ${PROGRAM.path}: `);
    expect(stdout).toContain(`refused ${SERVICE.path}: it waits for ${PROGRAM.path}, without which w is not whole\n`);
    expect(stdout).toContain(`refused w.service: it waits for ${PROGRAM.path}\n`);
    expect(stdout).toContain('changed /etc/other\n');
    expect(calls).toEqual([]);
    expect(host.exists(SERVICE.path)).toBe(false);
    expect(host.exists(PART.path)).toBe(false);
    expect(Object.keys(host.snapshot('/usr')).filter((path) => path.includes('selfheal-new'))).toEqual([]);
  });

  test('leaves the old state of it running, whole', () => {
    const host = new FakeHost();
    host.converge(WATCH);
    rmSync(host.at(PROGRAM.path));
    symlinkSync('/bin/true', host.at(PROGRAM.path));

    const { stdout, calls } = host.converge(changed(PART));

    expect(stdout).toContain(`refused ${PART.path}: it waits for ${PROGRAM.path}`);
    expect(stdout).toContain('kept w.service\n');
    expect(calls).toEqual([]);
    expect(host.read(PART.path)).toBe(PART.content);
  });

  test('does not bring a drop-in of k3s whose program it cannot bring', () => {
    const host = new FakeHost();
    mkdirSync(host.at('/usr/local/bin/w'), { recursive: true });
    const dropIn = file('/etc/systemd/system/k3s.service.d/w.conf', '[Service]\nExecStartPre=/usr/local/bin/w\n');

    const { stdout } = host.converge({ files: [dropIn, PROGRAM] });

    expect(stdout).toContain(`refused ${dropIn.path}: it waits for /usr/local/bin/w, without which k3s is not whole\n`);
    expect(host.exists(dropIn.path)).toBe(false);
  });

  test('is whole in the next run, once the hindrance is gone', () => {
    const host = new FakeHost();
    mkdirSync(host.at(PROGRAM.path), { recursive: true });
    host.converge(WATCH);
    rmSync(host.at(PROGRAM.path), { recursive: true });

    const { status, calls } = host.run();

    expect(status).toBe(3);
    expect(calls).toEqual(['systemctl daemon-reload', 'systemctl enable --now w.service']);
  });
});
