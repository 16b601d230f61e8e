import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { atticWith, BACKUP, containerOf, FOLDER, filesOf, jobOf, mirror, podOf, WHOLE, whole } from './backups.js';

const SCRIPTS = new URL('../../../src/layers/backup/scripts/pod/', import.meta.url);
const names = readdirSync(SCRIPTS).filter((name) => name.endsWith('.sh'));

describe('scripts', () => {
  test('run from a ConfigMap and never from args', () => {
    for (const [name, script] of [
      ['nightly', 'backup.sh'],
      ['nightly-offsite', 'backup.sh'],
      ['nightly-drill', 'drill.sh'],
    ] as const) {
      expect(containerOf(whole(), name).command).toEqual([`/scripts/${script}`]);
      expect(containerOf(whole(), name).args).toBeUndefined();
      expect(podOf(whole(), name).volumes).toContainEqual({
        name: 'scripts',
        configMap: { name: 'nightly-files', defaultMode: 0o555 },
      });
    }
  });

  test('are all there, byte for byte, but for the other form', () => {
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) {
      const text = name === 'mirror.sh' ? undefined : readFileSync(new URL(name, SCRIPTS), 'utf8');
      expect(filesOf(atticWith({}))[name]).toBe(text);
    }
  });

  test('of the mirror are those that it reads, and no other', () => {
    const files = filesOf(mirror());
    const read = [...(files['mirror.sh'] ?? '').matchAll(/^\. "\$scripts\/([\w-]+\.sh)"/gm)].map(([, name]) => name);

    expect(read.length).toBeGreaterThan(1);
    expect(Object.keys(files).sort()).toEqual([...read, 'mirror.sh', 'known_hosts'].sort());
  });
});

describe('host keys', () => {
  test.each([
    ['192.0.2.20', {}],
    ['[192.0.2.20]:2222', { port: 2222 }],
  ])('are pinned under the name that ssh looks up: %s', (name, to) => {
    expect(filesOf(atticWith({ to: { ...BACKUP.to, ...to } })).known_hosts).toBe(`${name} ${BACKUP.to.hostKey}\n`);
  });

  test('are those of both places', () => {
    expect(filesOf(whole(), 'nightly-files').known_hosts).toBe(
      `192.0.2.20 ${BACKUP.to.hostKey}\n[vault.example]:2222 ${WHOLE.offsite.to.hostKey}\n`,
    );
  });
});

test('change the pod template when they change', () => {
  const annotationOf = (cluster = atticWith({})) =>
    jobOf(cluster).template.metadata.annotations['selfheal.dev/files-sha256'];
  const sha256 = createHash('sha256')
    .update(JSON.stringify(filesOf(atticWith({}), `${FOLDER}-files`)))
    .digest('hex');

  expect(annotationOf()).toBe(sha256);
  expect(annotationOf(atticWith({ to: { ...BACKUP.to, host: '192.0.2.21' } }))).not.toBe(sha256);
});

describe('hooks', () => {
  test('are files in a folder each, with the token beside them, for root alone', () => {
    const items = (index: number, folder: string) =>
      ['volume', 'before-url', 'before-body', 'after-url', 'after-body', 'timeout'].map((file) => ({
        key: `hook-${index}.${file}`,
        path: `${folder}/${file}`,
      }));

    expect(podOf(whole(), 'nightly').volumes).toContainEqual({
      name: 'hooks',
      projected: {
        defaultMode: 0o400,
        sources: [
          { configMap: { name: 'nightly-files', items: items(0, '0-ha') } },
          { secret: { name: 'ha-token', items: [{ key: 'token', path: '0-ha/token' }] } },
          { configMap: { name: 'nightly-files', items: items(1, '1-data') } },
        ],
      },
    });
    expect(podOf(whole(), 'nightly-offsite').volumes.map(({ name }) => name)).toContain('hooks');
    expect(podOf(whole(), 'nightly-drill').volumes.map(({ name }) => name)).not.toContain('hooks');
  });

  test('say what the description says', () => {
    const hook = Object.entries(filesOf(whole(), 'nightly-files')).filter(([key]) => key.startsWith('hook-0.'));

    expect(Object.fromEntries(hook)).toEqual({
      'hook-0.volume': 'home/ha',
      'hook-0.before-url': 'http://ha.home:8123/off',
      'hook-0.before-body': '{"a":1}',
      'hook-0.after-url': 'http://ha.home:8123/on',
      'hook-0.after-body': '{}',
      'hook-0.timeout': '45',
    });
  });
});
