import { describe, expect, test } from 'vitest';
import { linesIn } from '../../../src/ops/vet/line.js';

const TEXT = `# first
apiVersion: v1
kind: ConfigMap
metadata: { name: a }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: b
  annotations:
    argocd.argoproj.io/sync-options: Prune=false
spec:
  template:
    spec:
      containers:
        - name: one
          image: x
        - name: two
          image: y
`;

describe('the line of a field', () => {
  test.each([
    ['of the object that is asked for', [], 6],
    ['of a key with dots', ['metadata', 'annotations', 'argocd.argoproj.io/sync-options'], 11],
    ['of a field of an item', ['spec', 'template', 'spec', 'containers', 1, 'image'], 19],
    ['of an item', ['spec', 'template', 'spec', 'containers', 1], 18],
    ['of the deepest key that is there', ['spec', 'replicas'], 12],
    ['of the object, where no key of the path is there', ['data', 'key'], 6],
  ])('is that %s', (_, path, line) => {
    expect(linesIn(TEXT)('Deployment b', path)).toBe(line);
  });

  test('is 1 where there is nothing to find', () => {
    expect(linesIn('')('Deployment b', ['spec'])).toBe(1);
  });
});
