import { describe, expect, test } from 'vitest';
import { isVolumeOf, tryFindClaim } from '../../src/cluster/volume-name.js';

const UID = '0a6ab4ba-1f8c-4b8c-9d6e-0123456789ab';

describe('the folder of a volume', () => {
  test.each([
    '',
    'home/ha',
    `pvc-${UID}`,
    `pvc-${UID}_home`,
    `pvc-${UID}_home_ha_x`,
    'pvc-1_home_ha',
    `home-ha-pvc-${UID}`,
  ])('does not say for certain whose it is: %j', (folder) => {
    expect(tryFindClaim(folder)).toBeUndefined();
  });

  test('says so in the form of k3s', () => {
    expect(tryFindClaim(`pvc-${UID}_home_ha-config`)).toBe('home/ha-config');
  });

  test.each([
    [`pvc-${UID}_home_ha`, 'home/h'],
    [`pvc-${UID}_home_ha`, 'home/ha-config'],
    [`home-ha-pvc-${UID}`, 'home/h'],
    [`home-ha-pvc-${UID}`, 'ome/ha'],
    ['home-ha-pvc-x', 'home/ha'],
  ])('%s is not of %s', (folder, name) => {
    expect(isVolumeOf(folder, name)).toBe(false);
  });

  test.each([
    [`pvc-${UID}_home_ha`, 'home/ha'],
    [`home-ha-config-pvc-${UID}`, 'home/ha-config'],
    ['anything', 'anything'],
  ])('%s is of %s', (folder, name) => {
    expect(isVolumeOf(folder, name)).toBe(true);
  });
});
