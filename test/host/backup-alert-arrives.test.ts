/**
 * From the backup's last run to the pager: the real scripts write a real textfile beside a real sshd, a real node_exporter
 * shows it, a real Prometheus evaluates the rules of dist/, and a real Alertmanager with the routes of dist/ tells a webhook.
 *
 * Not real: the CronJobs. What kube-state-metrics would say of them follows from how each run ended.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEXTFILE_FOLDER } from '../../src/host/host-state.js';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { PLAIN } from './backup-tree.js';
import { expectRule } from './expect-rule.js';
import { Machine } from './machine.js';
import { Monitoring } from './monitoring.js';
import { NodeExporter } from './node-exporter.js';

const NAMESPACE = 'kube-system';
const CRON_JOBS = { 'backup.sh': 'local-path-backup', 'drill.sh': 'local-path-backup-drill' } as const;

const LAST_STATUS = 'selfheal_backup_last_status{cronjob="local-path-backup"}';
const LAST_DRILL = 'selfheal_backup_drill_last_status{cronjob="local-path-backup-drill"}';

describeWith(
  [...BACKUP_TOOLS, 'systemd-nspawn', 'prometheus', 'prometheus-node-exporter', 'prometheus-alertmanager'],
  'from the last run of the backup to the pager',
  () => {
    const monitoring = new Monitoring();
    const { cluster, webhook } = monitoring;
    let machine: Machine;
    let exporter: NodeExporter;
    let node: BackedUpNode;
    let textfile: string;
    let runs = 0;

    beforeAll(async () => {
      machine = new Machine();
      exporter = await NodeExporter.on(machine, 'jarvis');
      const folder = join(machine.root, TEXTFILE_FOLDER);
      mkdirSync(folder, { recursive: true });
      node = await BackedUpNode.start((source) => {
        mkdirSync(join(source, PLAIN));
        for (let file = 0; file < 5; file++) writeFileSync(join(source, PLAIN, `state-${file}.json`), `{"n": ${file}}`);
      });
      textfile = join(node.pod.root, 'textfile');
      execFileSync('mount', ['--bind', folder, textfile]);
      await machine.boot();
      await exporter.start();
      await monitoring.start([exporter]);
      for (const cronjob of Object.values(CRON_JOBS)) cluster.addCronJob(NAMESPACE, cronjob);
    });

    afterAll(async () => {
      await monitoring.destroy();
      await machine?.crash();
      if (textfile) execFileSync('umount', [textfile]);
      await node?.destroy();
      await machine?.destroy();
      await exporter?.destroy();
    });

    /** What the CronJob does, and what kube-state-metrics says afterwards. */
    async function run(script: keyof typeof CRON_JOBS): Promise<number | null> {
      const { status } = await node.pod.run(script);
      // A Job is failed some seconds after its pod; told at once, it could be scraped before the textfile that explains it.
      await monitoring.until(script === 'drill.sh' ? LAST_DRILL : LAST_STATUS, (value) => value === status);
      cluster.ran(NAMESPACE, CRON_JOBS[script], `${++runs}`, status);
      return status;
    }

    const change = (text: string) => writeFileSync(join(node.pod.source, PLAIN, 'state-0.json'), text);

    /** The hook of a program that does not answer. */
    function addHook(): string {
      const hook = join(node.pod.root, 'hooks/1-zigbee');
      const files = { volume: 'home/zigbee2mqtt', 'before-url': 'http://127.0.0.1:9/hold', timeout: '2' };
      mkdirSync(hook);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(hook, name), text);
      return hook;
    }

    test('hears nothing of a backup and a drill that went well', async () => {
      expect([await run('backup.sh'), await run('drill.sh')]).toEqual([0, 0]);

      await monitoring.until(LAST_STATUS, (status) => status === 0);
      await monitoring.until(LAST_DRILL, (status) => status === 0);
      expect(webhook.names()).toEqual([]);
    });

    test('hears of a backup that was refused, and that the next one went well', async () => {
      const { source } = node.pod;
      renameSync(join(source, PLAIN), `${source}.away`);
      expect(await run('backup.sh')).toBe(2);

      const arrival = await webhook.arrival('LocalPathBackupFailed');

      const rule = await monitoring.prometheus.rule('LocalPathBackupFailed');
      expectRule(arrival, rule, { namespace: NAMESPACE, cronjob: CRON_JOBS['backup.sh'] });
      expect(arrival.to).toBe('/message');
      renameSync(`${source}.away`, join(source, PLAIN));
      expect(await run('backup.sh')).toBe(0);
      expect((await webhook.arrival('LocalPathBackupFailed', 'resolved')).labels.cronjob).toBe('local-path-backup');
    });

    test('sees a hook that failed beside a good backup, and that rule waits', async () => {
      const hook = addHook();
      change('{"n": "changed"}');
      expect(await run('backup.sh')).toBe(6);

      await monitoring.until('ALERTS{alertname="BackupHookFailed",alertstate="pending"}', (value) => value === 1);

      expect(await monitoring.prometheus.value(LAST_STATUS)).toBe(6);
      rmSync(hook, { recursive: true });
    });

    test('is woken by a volume that was read back and is not what was backed up', async () => {
      const stored = node.site.stored(node.site.newest, `${PLAIN}/state-1.json`);
      const { mtimeMs } = statSync(stored);
      writeFileSync(stored, '{"n": 9}');
      utimesSync(stored, mtimeMs / 1000, mtimeMs / 1000);
      expect(await run('drill.sh')).toBe(7);

      const arrival = await webhook.arrival('BackupDrillNotEqual');

      expectRule(arrival, await monitoring.prometheus.rule('BackupDrillNotEqual'), {
        cronjob: CRON_JOBS['drill.sh'],
      });
      expect(arrival.to).toBe('/message');
    });

    test('hears it is over once the volume was sent anew and read back', async () => {
      change('{"n": "changed again"}');
      expect([await run('backup.sh'), await run('drill.sh')]).toEqual([0, 0]);

      expect((await webhook.arrival('BackupDrillNotEqual', 'resolved')).to).toBe('/message');
    });

    // By then the Job that only a hook had failed is half a minute old.
    test('hears nothing else, though two more Jobs failed: what failed them has alerts of its own', async () => {
      const rules = await monitoring.prometheus.rules();

      expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError)).toEqual([]);
      expect(webhook.arrivals.map(({ labels, status }) => `${labels.alertname} ${status}`)).toEqual([
        'LocalPathBackupFailed firing',
        'LocalPathBackupFailed resolved',
        'BackupDrillNotEqual firing',
        'BackupDrillNotEqual resolved',
      ]);
    });
  },
);
