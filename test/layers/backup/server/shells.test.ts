/** What a far side has as /bin/sh makes no difference; each refusal is tested under one shell only (hostile.test.ts). */
import { expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { ALL_SHELLS, DAY, FarSide, nameAt, READ, TOKEN, TOOLS } from './far-side.js';

const HA = 'pvc-1_home_ha';
const MQTT = 'pvc-2_home_mqtt';
const NOW = Date.UTC(2026, 10, 21, 2, 30, 4) / 1000;

describeWith([...TOOLS, ...ALL_SHELLS], 'the shell of the far side', () => {
  test('changes nothing in what the program answers and keeps, from the first backup to the last removal', () => {
    const [one, ...others] = ALL_SHELLS.map((shell) => story(shell));

    expect(others).toHaveLength(2);
    for (const other of others) expect(other).toEqual(one);
    expect(one?.answers).toContain(`published ${nameAt(NOW + DAY)} 5 26\n`);
    expect(one?.answers.join('')).toContain(`removed snapshot ${nameAt(NOW - 90 * DAY)}`);
    expect(one?.manifest).toContain(`\tf\t${HA}/\\#134#012é"$(x)*\n`);
  });

  function story(shell: string) {
    const far = new FarSide({ shell, options: ['--snapshots', '3', '--days', '10'] });
    try {
      for (let i = 0; i < 4; i++) far.plant(i + 1, NOW - (90 - i) * DAY);
      far.write(`${HA}/config`, 'one\n');
      far.write(`${HA}/\\#012é"$(x)*`, 'two, longer\n');
      far.write(`${MQTT}/db`, 'changed it\n');
      const answers: string[] = [];
      const note = ({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }) =>
        answers.push(
          `${status}`,
          withoutTimes(stdout),
          stderr.replaceAll(far.home, '').replace(/^@(free|partial)-.*\n/gm, ''),
        );
      for (const day of [0, 1]) {
        far.clock(NOW + day * DAY);
        far.write(`${MQTT}/db`, `changed ${day}\n`);
        note(far.receive());
        note(far.verb(`publish ${TOKEN} 5`, `volume 1 changing ${MQTT}\nvolume 0 hook ${HA}\n`));
        note(far.verb(`verified ${nameAt(NOW)} ${HA} bad ${day} file(s)`));
      }
      for (const words of ['newest', 'pick 1000', 'list', `manifest ${far.newest()} ${HA}`, 'delete', 'receive', ''])
        note(far.verb(words));
      note(far.ask('selfheal-backup-server list; id'));
      note(far.plan());
      note(far.rsync(`send ${far.newest()} ${HA}`, READ, 'far:.', `${far.home}/scratch/`));
      return {
        answers,
        snapshots: far.snapshots(),
        manifest: withoutTimes(far.read('snapshots', far.newest(), 'manifest')),
        volumes: far.read('snapshots', far.newest(), 'volumes'),
      };
    } finally {
      far.remove();
    }
  }
});

const withoutTimes = (manifest: string): string => manifest.replaceAll(/\t\d{4}\/\d\d\/\d\d-[\d:]+\t/g, '\t');
