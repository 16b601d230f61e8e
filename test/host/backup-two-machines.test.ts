/** A person who lost a node: two real machines, the command line, and what docs/restore.md tells them to do. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { PROGRAM, workspace } from '../support/program.js';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS } from './backed-up-node.js';
import { fingerprint, HARD, plant } from './backup-tree.js';
import { Lan } from './lan.js';
import { Machine, until } from './machine.js';

const REPOSITORY = resolve('.');
const PAGE = readFileSync(join(REPOSITORY, 'docs/restore.md'), 'utf8');
const STORAGE = '/var/lib/rancher/k3s/storage';
const SSHD = `[Service]
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStart=/usr/sbin/sshd -D -e -o UsePAM=no
RuntimeDirectory=sshd
[Install]
WantedBy=multi-user.target
`;

describeWith([...BACKUP_TOOLS, 'systemd-nspawn'], 'a node that is lost', () => {
  let lan: Lan;
  let cli: ReturnType<typeof workspace>;
  let keeper: Machine;
  let node: Machine;

  beforeAll(async () => {
    lan = new Lan();
    for (const [name, number] of [
      ['node', 2],
      ['keeper', 3],
    ] as const)
      lan.add(name, number);
    cli = workspace();
    keeper = machine('keeper', ['rsync', 'sshd', 'ssh-keygen']);
    keeper.write('etc/systemd/system/ssh.service', SSHD);
    keeper.write('etc/ssh/sshd_config', 'UsePAM no\nPasswordAuthentication no\n');
    await keeper.boot();
    inside(keeper, 'useradd', '--system', 'sshd');
    inside(keeper, 'systemctl', 'enable', '--now', 'ssh.service');
    await until('to have a host key', () => existsSync(join(keeper.root, 'etc/ssh/ssh_host_ed25519_key.pub')));
    cli.put('clusters/attic.ts', `export default ${JSON.stringify(description())};\n`);
    node = await freshNode();
  });
  afterAll(async () => {
    await node?.destroy();
    await keeper?.destroy();
    lan?.destroy();
    cli?.remove();
  });

  /** A Debian with these programs of ours on top, and the libraries that it lacks for them. */
  function machine(name: string, programs: readonly string[]): Machine {
    const made = new Machine({
      network: lan.namespace(name),
      flags: [`--bind-ro=${REPOSITORY}`, `--bind-ro=${process.execPath}`],
    });
    for (const program of programs) {
      const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
      const libraries = execFileSync('ldd', [path], { encoding: 'utf8' }).matchAll(/=> (\/\S+)/g);
      for (const file of [path, ...[...libraries].map(([, library = '']) => library)]) {
        const target = join(made.root, 'usr', file.replace(/^\/(usr\/)?/, ''));
        if (existsSync(target)) continue;
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(file, target);
      }
    }
    return made;
  }

  async function freshNode(): Promise<Machine> {
    const made = machine('node', ['rsync', 'ssh', 'ssh-keygen']);
    mkdirSync(join(made.root, STORAGE), { recursive: true });
    await made.boot();
    inside(made, 'mkdir', '-p', '-m', '700', '/root/.ssh');
    inside(
      made,
      'ssh-keygen',
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'local-path-backup',
      '-f',
      '/root/.ssh/id_ed25519',
    );
    return made;
  }

  function description() {
    const [type = '', key = ''] = (keeper.read('etc/ssh/ssh_host_ed25519_key.pub') ?? '').split(' ');
    return {
      ...MINIMAL_SPEC,
      nodes: { lamp: { ...MINIMAL_SPEC.nodes.lamp, address: '10.77.0.2' } },
      backup: {
        from: 'lamp',
        to: {
          host: '10.77.0.3',
          user: 'backup-keeper',
          path: '/backup/snapshots',
          hostKey: `${type} ${key}`,
          reservePercent: 1,
        },
        at: '02:30',
        bandwidthLimitKibPerSecond: 50_000,
        keySecret: { name: 'key', key: 'id' },
      },
    };
  }

  function inside(where: Machine, ...command: readonly string[]) {
    const ended = where.run(...command);
    expect({ command, ...ended }).toMatchObject({ status: 0 });
    return ended;
  }

  /** What the page says to do on the machine with the backups: print the script, copy it, run it. */
  function allow(key: string) {
    cli.put('id_ed25519.pub', key);
    const { status, stdout, stderr } = cli.run('backup-server', '--key', 'id_ed25519.pub');
    expect({ status, stderr }).toMatchObject({ status: 0 });
    keeper.write('root/prepare.sh', stdout);
    return inside(keeper, 'sh', '/root/prepare.sh');
  }

  const publicKey = () => node.read('root/.ssh/id_ed25519.pub') ?? '';

  /** A line of the page as somebody types it, but for the names of another homelab. */
  function typed(start: string, snapshot = ''): string {
    const line = PAGE.split('\n').find((one) => one.startsWith(start));
    if (line === undefined) throw new Error(`docs/restore.md: expected a line that starts with '${start}', got none`);
    return line
      .replaceAll('home/ha-config', 'home/home-assistant')
      .replaceAll(/pvc-[0-9a-f-]+_home_ha-config/g, HARD)
      .replaceAll('2026-11-21T09-30-04Z', snapshot);
  }

  const sh = (where: Machine, line: string) =>
    where.run('env', '-i', '-C', '/root', 'HOME=/root', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin', 'sh', '-c', line);

  /** The repository, with the description from Git, and sudo for one who is root already. */
  function giveRepository(where: Machine): void {
    where.write('root/clusters/attic.ts', readFileSync(join(cli.folder, 'clusters/attic.ts'), 'utf8'));
    where.write('usr/local/bin/selfheal', `#!/bin/sh\nexec ${process.execPath} ${PROGRAM} "$@"\n`);
    where.write('usr/local/bin/sudo', '#!/bin/sh\nexec "$@"\n');
    for (const name of ['selfheal', 'sudo']) chmodSync(join(where.root, 'usr/local/bin', name), 0o755);
  }

  function backUp() {
    const settings = {
      ...{ NAME: 'local-path-backup', SOURCE: STORAGE, USER: 'backup-keeper', HOST: '10.77.0.3', PORT: 22 },
      ...{
        PATH: '/backup/snapshots',
        BANDWIDTH_LIMIT_KIB_PER_SECOND: 50_000,
        TIMEOUT_SECONDS: 60,
        MAX_SHRINK_PERCENT: 50,
      },
      ...{ KEY: '/root/.ssh/id_ed25519', KNOWN_HOSTS: '/root/known_hosts', RUN_FOLDER: '/run/backup' },
      SCRIPTS: `${REPOSITORY}/src/layers/backup/scripts/pod`,
    };
    node.write('root/known_hosts', `10.77.0.3 ${description().backup.to.hostKey}\n`);
    node.write('root/loadavg', '0.10 0.10 0.10 1/100 1000\n');
    const words = Object.entries(settings).map(([name, value]) => `LOCAL_PATH_BACKUP_${name}=${value}`);
    inside(node, 'mkdir', '-p', '/run/backup');
    const script = `mount --bind /root/loadavg /proc/loadavg && exec sh ${settings.SCRIPTS}/backup.sh`;
    return inside(node, 'unshare', '--mount', 'env', ...words, 'sh', '-c', script);
  }

  let before: readonly string[];
  let snapshot = '';

  test('is backed up on a machine that the printed script has prepared', () => {
    plant(join(node.root, STORAGE));
    before = fingerprint(join(node.root, STORAGE, HARD));

    allow(publicKey());

    snapshot = /backed up as (\S+)/.exec(backUp().stdout)?.[1] ?? '';
    expect(snapshot).not.toBe('');
  });

  test('comes back on a new one by the three lines of the page, when its disk and its key are gone', async () => {
    await node.destroy();
    node = await freshNode();
    giveRepository(node);
    expect(sh(node, typed('selfheal restore')).stderr).toContain('Permission denied');
    allow(publicKey());

    const listed = sh(node, typed('selfheal restore'));
    const line = typed('sudo selfheal restore --key', snapshot);
    const planned = sh(node, line.replace(/ --apply$/, ''));
    const wasThere = existsSync(join(node.root, 'srv/restored'));
    const restored = sh(node, `${line} --apply`);

    expect(listed).toMatchObject({ status: 0, stderr: '' });
    expect(listed.stdout).toContain('home/home-assistant');
    expect(planned.stdout).toContain('nothing was written');
    expect(wasThere).toBe(false);
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(restored.stdout).toContain('equal to the manifest');
    expect(fingerprint(join(node.root, 'srv/restored'))).toEqual(before);
  });

  test('goes on being backed up from the new one', () => {
    plant(join(node.root, STORAGE));

    expect(backUp().stdout).toContain('backed up as');
  });

  test('comes back with nothing but the backup machine: by its own program, and by rsync alone', () => {
    giveRepository(keeper);
    const place = join(keeper.root, 'srv/restored');
    const program = 'sudo /usr/local/bin/selfheal-backup-server --folder /backup/snapshots';
    const line = typed(`${program} restore`, snapshot);

    const listed = sh(keeper, typed(`${program} list`));
    const planned = sh(keeper, line);
    const wasThere = existsSync(place);
    const restored = sh(keeper, `${line} apply`);

    expect(listed.stdout).toContain(`volume\t${snapshot}\t${HARD}\t`);
    expect(planned).toMatchObject({ status: 0, stderr: '' });
    expect(wasThere).toBe(false);
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(fingerprint(place)).toEqual(before);
    rmSync(place, { recursive: true });
    for (const start of ['sudo mkdir', 'sudo rsync -aHAXS --numeric-ids --fake-super'])
      expect(sh(keeper, typed(start, snapshot))).toMatchObject({ status: 0 });
    expect(fingerprint(place)).toEqual(before);
  });
});
