/** What disks do to converge.sh: full, read-only, immutable, without modes. Real mounts, so it needs root. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { FakeHost } from '../layers/node-bootstrap/fake-host.js';
import { describeWith } from '../support/tools.js';

const file = (path: string, content: string, mode: '0644' | '0755' = '0644') => ({ path, mode, content });
const ELSEWHERE = file('/usr/local/bin/elsewhere', '#!/bin/sh\n', '0755');
const PROGRAM = file('/usr/local/bin/w', `#!/bin/sh\n${'# long\n'.repeat(4_000)}`, '0755');
const SERVICE = file('/etc/systemd/system/w.service', '[Service]\nExecStart=/usr/local/bin/w\n');
const WATCH = { files: [SERVICE, PROGRAM, file('/etc/x', 'x\n')], units: ['w.service'] };

function command(...words: readonly [string, ...string[]]): void {
  const [name, ...args] = words;
  const { status, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
}

/** A small disk of its own in a place of the host. */
function disk(host: FakeHost, path: string, size: string): void {
  mkdirSync(host.at(path), { recursive: true });
  command('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'none', host.at(path));
  onTestFinished(() => command('umount', host.at(path)));
}

/** Takes what room there is. */
const fill = (host: FakeHost, path: string) => {
  spawnSync('dd', ['if=/dev/zero', `of=${host.at(path)}/full`, 'bs=4096', 'status=none']);
};

function immutable(host: FakeHost, path: string): void {
  command('chattr', '+i', host.at(path));
  onTestFinished(() => command('chattr', '-i', host.at(path)));
}

const drafts = (host: FakeHost) => Object.keys(host.snapshot()).filter((path) => path.includes('selfheal-new'));

describeWith(['bash', 'flock', 'mount', 'chattr'], 'converge.sh on a full disk', () => {
  test('refuses what does not fit, does the rest, leaves no part, and goes on once there is room', () => {
    const host = new FakeHost();
    disk(host, '/etc/selfheal', '16k');
    fill(host, '/etc/selfheal');
    const large = file('/etc/selfheal/large', 'x\n'.repeat(3_000));

    const full = host.converge({ files: [large, ELSEWHERE] });
    const left = drafts(host);
    rmSync(host.at('/etc/selfheal/full'));
    const roomy = host.run();

    expect(full.status).toBe(2);
    expect(full.stdout).toBe(
      `refused ${large.path}: 'cp' failed: No space left on device\nchanged ${ELSEWHERE.path}\n`,
    );
    expect(left).toEqual([]);
    expect(roomy).toMatchObject({ status: 3, stdout: `changed ${large.path}\nkept ${ELSEWHERE.path}\n` });
  });

  test('does not install half a unit when its program does not fit', () => {
    const host = new FakeHost();
    disk(host, '/usr/local/bin', '16k');

    const { status, stdout, calls } = host.converge(WATCH);

    expect(status).toBe(2);
    expect(stdout).toContain(`refused ${PROGRAM.path}: 'cp' failed: No space left on device\n`);
    expect(stdout).toContain(`refused w.service: it waits for ${PROGRAM.path}\n`);
    expect(stdout).toContain('changed /etc/x\n');
    expect(calls).toEqual([]);
    expect(host.exists(SERVICE.path)).toBe(false);
    expect(drafts(host)).toEqual([]);
  });

  test('leaves nothing of a unit beside the places where there was room for it', () => {
    const host = new FakeHost();
    disk(host, '/usr/local/bin', '16k');
    const helper = file('/usr/local/sbin/helper', '#!/bin/sh\n', '0755');
    const service = { ...SERVICE, content: `${SERVICE.content}ExecStartPre=${helper.path}\n` };

    const { stdout } = host.converge({ files: [helper, service, PROGRAM], units: ['w.service'] });

    expect(stdout).toContain(`refused ${helper.path}: it waits for ${PROGRAM.path}, without which w is not whole\n`);
    expect(drafts(host)).toEqual([]);
    expect(host.exists('/var/lib/selfheal/bootstrap/noted')).toBe(false);
  });

  test('touches nothing of which it cannot note what stood there', () => {
    const host = new FakeHost();
    disk(host, '/var/lib/selfheal', '1m');
    host.write('/etc/x', 'theirs\n');
    host.stage({ ...WATCH, kernelArguments: ['q=1'] });
    fill(host, '/var/lib/selfheal');
    const before = host.snapshot('/etc');
    const line = host.read(host.bootFile);

    const { status, stdout } = host.run();

    expect(status).toBe(2);
    expect(stdout).toMatch(/^refused \/etc\/x: .*No space left on device$/m);
    expect(stdout).toMatch(/^refused \/boot\/firmware\/current\/cmdline.txt: .*No space left on device$/m);
    expect(host.snapshot('/etc')).toEqual(before);
    expect(host.read(host.bootFile)).toBe(line);
    expect(host.exists(PROGRAM.path)).toBe(false);
  });

  test('gives nothing back in part', () => {
    const host = new FakeHost();
    disk(host, '/etc/selfheal', '32k');
    host.write('/etc/selfheal/large', 'theirs\n'.repeat(1_000));
    host.converge({ files: [file('/etc/selfheal/large', 'ours\n')] });
    fill(host, '/etc/selfheal');

    const { status, stdout } = host.converge({});
    const content = host.read('/etc/selfheal/large');
    rmSync(host.at('/etc/selfheal/full'));

    expect(status).toBe(2);
    expect(stdout).toContain("refused /etc/selfheal/large: 'cp' failed: No space left on device\n");
    expect(content).toBe('ours\n');
    expect(host.run().stdout).toContain('restored /etc/selfheal/large\n');
    expect(host.read('/etc/selfheal/large')).toBe('theirs\n'.repeat(1_000));
  });
});

describeWith(['bash', 'flock', 'mount', 'chattr'], 'converge.sh where it may not write', () => {
  test('refuses the command line on a read-only /boot, does the rest, and says why', () => {
    const host = new FakeHost();
    command('mount', '--bind', host.at('/boot'), host.at('/boot'));
    onTestFinished(() => command('umount', host.at('/boot')));
    command('mount', '-o', 'remount,bind,ro', host.at('/boot'));

    const { status, stdout } = host.converge({ files: [ELSEWHERE], kernelArguments: ['q=1'] });

    expect(status).toBe(2);
    expect(stdout).toContain(`refused ${host.bootFile}: it is immutable, or its file system is read-only\n`);
    expect(stdout).toContain(`changed ${ELSEWHERE.path}\n`);
    expect(host.read(host.bootFile)).not.toContain('q=1');
  });

  test.each([
    ['an immutable program', '/usr/local/bin/w', `refused ${PROGRAM.path}: it is immutable, or`],
    ['an immutable folder', '/usr/local/bin', `refused ${PROGRAM.path}: /usr/local/bin is immutable, or`],
  ])('leaves a unit as it is that has %s', (_, path, line) => {
    const host = new FakeHost();
    const old = { ...WATCH, files: [SERVICE, { ...PROGRAM, content: 'old\n' }] };
    host.converge(old);
    immutable(host, path);

    const { status, stdout, calls } = host.converge({
      ...WATCH,
      files: [{ ...SERVICE, content: `${SERVICE.content}# new\n` }, PROGRAM, file('/etc/x', 'x\n')],
    });

    expect(status).toBe(2);
    expect(stdout).toContain(line);
    expect(stdout).toContain('changed /etc/x\n');
    expect(stdout).toContain('kept w.service\n');
    expect(calls).toEqual([]);
    expect([host.read(SERVICE.path), host.read(PROGRAM.path)]).toEqual([SERVICE.content, 'old\n']);
  });

  test('keeps a file that it may not take away, and remembers it', () => {
    const host = new FakeHost();
    host.converge({ files: [ELSEWHERE] });
    command('chattr', '+i', host.at(ELSEWHERE.path));
    const refused = host.converge({});
    command('chattr', '-i', host.at(ELSEWHERE.path));

    expect(refused).toMatchObject({
      status: 2,
      stdout: expect.stringContaining(`refused ${ELSEWHERE.path}: it is imm`),
    });
    expect(host.run().stdout).toBe(`removed ${ELSEWHERE.path}\n`);
  });
});

describeWith(['bash', 'flock'], 'converge.sh on FAT, which has neither modes nor owners', () => {
  test('writes a file of the boot partition once, whatever mode it shows', () => {
    const host = new FakeHost();
    const refusing = (name: string, option: string) =>
      `#!/bin/bash\n[[ $* != *${option}* || \${!#} != */boot/* ]] || { echo "${name}: Operation not permitted" >&2; exit 1; }\nexec /bin/${name} "$@"\n`;
    host.stub('chmod', refusing('chmod', ''));
    host.stub('cp', refusing('cp', '--preserve'));
    writeFileSync(host.at('/boot/firmware/usercfg.txt'), 'a=1\n', { mode: 0o755 });
    const state = { files: [file('/boot/firmware/usercfg.txt', 'a=1\n'), file('/boot/firmware/new.txt', 'n\n')] };

    const { status, stdout } = host.converge(state);

    expect(stdout).toBe('kept /boot/firmware/usercfg.txt\nchanged /boot/firmware/new.txt\n');
    expect(status).toBe(3);
    expect(host.run().status).toBe(0);
  });
});
