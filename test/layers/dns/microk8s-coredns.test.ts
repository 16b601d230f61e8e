import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { MICROK8S_COREDNS } from '../../../src/cluster/versions.js';
import { microk8sCoredns, microk8sOriginal } from '../../../src/layers/dns/microk8s-coredns.js';
import { at, set } from '../../support/change.js';

const FIXTURE = new URL('../../fixtures/upstream/microk8s-coredns.yaml', import.meta.url);

/** The addon's Deployment, with the only variable in it filled in as on every Ubuntu after 16.04. */
const upstream = (): unknown =>
  parseAllDocuments(readFileSync(FIXTURE, 'utf8').replace('$ALLOWESCALATION', 'false'))
    .map((document): unknown => document.toJS())
    .find((object) => at(object, 'kind') === 'Deployment');

test('every field of the addon is there unchanged, and nothing else but replicas, strategy and affinity', () => {
  const original = upstream();

  const withoutOurs = [
    ['spec.replicas', undefined],
    ['spec.template.spec.affinity', undefined],
    ['spec.strategy', at(original, 'spec.strategy')],
  ] as const;
  const rest = withoutOurs.reduce<unknown>(
    (object, [place, value]) => set(object, place, value),
    microk8sCoredns(MICROK8S_COREDNS.image, 2),
  );

  expect(at(original, 'spec.template.spec.containers[0].image')).toMatch(/^coredns\//);
  expect(rest).toEqual(original);
});

test('as many pods are asked for as the cluster wants', () => {
  expect(at(microk8sCoredns('coredns/coredns:1.2', 3), 'spec.replicas')).toBe(3);
});

test('what is put back when the patch is retired is the addon, field for field', () => {
  expect(microk8sOriginal(MICROK8S_COREDNS.image)).toEqual(upstream());
});
