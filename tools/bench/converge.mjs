/**
 * What node-bootstrap's host program costs where there is nothing to do, beside writing every file anew each time.
 *
 * Works on a folder that stands for a host, with the files that the reference clusters bring to theirs.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseAllDocuments } from 'yaml';
import { median, percentile, table } from './figures.mjs';

/** Every unit is enabled and runs, and was started once. */
const SYSTEMCTL = `#!/usr/bin/env bash
[[ $1 == show ]] || exit 0
shift 3
parted=
for unit; do
  printf '%sUnitFileState=enabled\\nActiveState=active\\nInvocationID=1\\n' "$parted"
  parted=$'\\n'
done
`;

export function benchConverge({ rounds }) {
  const rows = [['converge with nothing to do', 'median', 'p99', 'writing all anew', 'files']];
  for (const [name, payload] of payloads()) {
    const host = new Host(payload);
    try {
      rows.push([name, ...host.measure(rounds)]);
    } finally {
      host.remove();
    }
  }
  table(rows);
  console.log('\ngoal: at most 500 ms; on a Raspberry Pi all of this takes about four times as long');
}

/** Name and payload of each node-bootstrap DaemonSet of the reference clusters. */
function payloads() {
  const dist = mkdtempSync(join(tmpdir(), 'selfheal-bench-dist-'));
  try {
    spawnSync(process.execPath, ['build/bin/selfheal.cjs', 'synth', '--out', dist]);
    return payloadsIn(dist);
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
}

function payloadsIn(dist) {
  return readdirSync(dist).flatMap((cluster) => {
    const folder = join(dist, cluster, 'node-bootstrap');
    const manifests = readdirSync(folder).flatMap((path) =>
      parseAllDocuments(readFileSync(join(folder, path), 'utf8')).map((document) => document.toJS()),
    );
    const data = new Map(
      manifests.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata, data }) => [metadata.name, data]),
    );
    return manifests
      .filter(({ kind }) => kind === 'DaemonSet')
      .map(({ metadata, spec }) => {
        const { projected } = spec.template.spec.volumes.find(({ name }) => name === 'payload');
        return [
          metadata.name,
          Object.assign({}, ...projected.sources.map(({ configMap }) => data.get(configMap.name))),
        ];
      });
  });
}

class Host {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-host-'));
  root = join(this.folder, 'root');
  payload = join(this.root, 'var/lib/selfheal/bootstrap/payload');

  constructor(data) {
    this.plan = data.plan;
    for (const [key, content] of Object.entries(data)) this.write(join(this.payload, key), content);
    for (const [path, content] of [
      ['boot/firmware/current/cmdline.txt', 'console=tty1 root=LABEL=writable rootwait\n'],
      ['etc/default/grub', 'GRUB_TIMEOUT=0\n'],
      ...this.argumentFiles().map((path) => [path, '--v=1\n']),
    ]) {
      if (this.wants(path)) this.write(join(this.root, path), content);
    }
    this.stub('systemctl', SYSTEMCTL);
    for (const name of ['sysctl', 'update-grub']) this.stub(name, '#!/usr/bin/env bash\n');
    this.environment = { PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`, CONVERGE_ROOT: this.root };
  }

  /** One boot loader's files at a time: a host with both is refused. */
  wants(path) {
    const grub = this.plan.includes('boot-loader grub\n');
    if (path.startsWith('boot/')) return !grub;
    return path !== 'etc/default/grub' || grub;
  }

  argumentFiles = () => [...this.plan.matchAll(/^flag \/(\S+) /gm)].map(([, path]) => path);

  measure(rounds) {
    this.converge([0, 3]);
    this.converge([0, 3]);
    const nothing = [];
    const anew = [];
    for (let round = 0; round < rounds; round++) {
      nothing.push(this.converge([0]));
      anew.push(this.writeAll());
    }
    return [ms(median(nothing)), ms(percentile(nothing, 99)), ms(median(anew)), String(this.files().length)];
  }

  converge(expected) {
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync('bash', [join(this.payload, 'converge.sh')], {
      env: this.environment,
      encoding: 'utf8',
    });
    if (!expected.includes(status))
      throw new Error(`converge: expected exit status ${expected.join(' or ')}, got ${status}: ${stdout}${stderr}`);
    return performance.now() - start;
  }

  /** As the DaemonSet before this one did: copy every file, tell systemd, enable every unit. */
  writeAll() {
    const copies = this.files().map(
      ([key, path]) => `cp "${join(this.payload, key)}" "${join(this.folder, 'anew', path)}"`,
    );
    const units = [...this.plan.matchAll(/^unit (\S+)/gm)].map(([, name]) => `systemctl enable --now ${name}`);
    for (const [, path] of this.files()) mkdirSync(dirname(join(this.folder, 'anew', path)), { recursive: true });
    const start = performance.now();
    spawnSync('bash', ['-c', [...copies, 'sync', 'systemctl daemon-reload', ...units].join('\n')], {
      env: this.environment,
    });
    return performance.now() - start;
  }

  files = () => [...this.plan.matchAll(/^file \S+ (\S+) (\S+)$/gm)].map(([, key, path]) => [key, path]);

  stub(name, script) {
    this.write(join(this.folder, 'bin', name), script);
    chmodSync(join(this.folder, 'bin', name), 0o755);
  }

  write(path, content) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const ms = (value) => `${value.toFixed(0)} ms`;
