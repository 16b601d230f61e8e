import { describe, expect, test } from 'vitest';
import { fieldChanges } from '../../src/manifest/field-changes.js';

const containers = (...items: object[]) => ({ spec: { containers: items as never } });

test('says nothing of what is the same, whatever the order of the keys', () => {
  expect(fieldChanges({ a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 })).toEqual([]);
});

test('names a field by its keys, one with a dot in quotes', () => {
  expect(
    fieldChanges({ metadata: { annotations: { 'a.b/c': 'x' } } }, { metadata: { annotations: { 'a.b/c': 'y' } } }),
  ).toEqual([{ path: 'metadata.annotations."a.b/c"', before: 'x', after: 'y' }]);
});

test('a subtree that one side has is one change', () => {
  expect(fieldChanges({ a: {} }, { a: { b: { c: 1 } } })).toEqual([
    { path: 'a.b', before: undefined, after: { c: 1 } },
  ]);
});

test('does not find what every object inherits', () => {
  expect(fieldChanges({ a: 1 }, { a: 1, constructor: 'x' })).toEqual([
    { path: 'constructor', before: undefined, after: 'x' },
  ]);
});

describe('a list with keys', () => {
  test('an item put in front is one change', () => {
    const [main, side] = [
      { name: 'main', image: 'a:1' },
      { name: 'side', image: 'b:1' },
    ];

    expect(fieldChanges(containers(main), containers(side, main))).toEqual([
      { path: 'spec.containers[name=side]', before: undefined, after: side },
    ]);
  });

  test('another order of the same items is a change: init containers run in theirs', () => {
    const [a, b] = [{ name: 'a' }, { name: 'b' }];

    expect(fieldChanges({ initContainers: [a, b] }, { initContainers: [b, a] })).toEqual([
      { path: 'initContainers[order]', before: ['name=a', 'name=b'], after: ['name=b', 'name=a'] },
    ]);
  });

  test('a port without a protocol is the same as one with TCP', () => {
    expect(
      fieldChanges(
        {
          ports: [
            { containerPort: 53, name: 'x' },
            { containerPort: 53, protocol: 'UDP' },
          ],
        },
        {
          ports: [
            { containerPort: 53, name: 'y', protocol: 'TCP' },
            { containerPort: 53, protocol: 'UDP' },
          ],
        },
      ),
    ).toEqual([
      { path: 'ports[containerPort=53].name', before: 'x', after: 'y' },
      { path: 'ports[containerPort=53].protocol', before: undefined, after: 'TCP' },
    ]);
  });

  test('two alerts of one name are told apart by their severity', () => {
    const rules = (first: string) => ({
      rules: [
        { alert: 'A', for: first, labels: { severity: 'warning' } },
        { alert: 'A', for: '1h', labels: { severity: 'critical' } },
      ],
    });

    expect(fieldChanges(rules('1m'), rules('2m'))).toEqual([
      { path: 'rules[alert=A,labels.severity=warning].for', before: '1m', after: '2m' },
    ]);
  });

  test('is compared by place where two items have one key', () => {
    expect(
      fieldChanges(
        {
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
        {
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '3' },
          ],
        },
      ),
    ).toEqual([{ path: 'env[1].value', before: '2', after: '3' }]);
  });
});

describe('a list that is one value', () => {
  test('an argument put in between is one change', () => {
    expect(fieldChanges({ args: ['a', 'c'] }, { args: ['a', 'b', 'c'] })).toEqual([
      { path: 'args[1]', before: undefined, after: 'b' },
    ]);
  });

  test('another order is a change', () => {
    expect(fieldChanges({ args: ['a', 'b'] }, { args: ['b', 'a'] })).toHaveLength(2);
  });

  test('an item in the place of another is compared with it', () => {
    expect(
      fieldChanges({ tolerations: [{ key: 'a', effect: 'x' }] }, { tolerations: [{ key: 'a', effect: 'y' }] }),
    ).toEqual([{ path: 'tolerations[0].effect', before: 'x', after: 'y' }]);
  });
});
