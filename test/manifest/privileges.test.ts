import { describe, expect, test } from 'vitest';
import { kubeLinterChecks, privilegeAnnotations } from '../../src/manifest/privileges.js';

const ESCALATION = 'privilege-escalation-container';

describe("kube-linter's checks", () => {
  test('fail none for a capability that it does not ask about', () => {
    expect(kubeLinterChecks('main.capability-chown')).toEqual([]);
  });

  test.each(['main.privileged', 'main.capability-sys-admin', 'main.escalation'])(
    'count %s as a way to more privileges, whatever the container says of it',
    (id) => {
      expect(kubeLinterChecks(id)).toContain(ESCALATION);
    },
  );
});

test('a check that two privileges fail is left out for both reasons', () => {
  const annotations = privilegeAnnotations({ 'a.privileged': 'one', 'b.capability-sys-admin': 'other' });

  expect(annotations[`ignore-check.kube-linter.io/${ESCALATION}`]).toBe('one; other');
});
