/** The complete example in the README. */
import { readFileSync } from 'node:fs';

export function readmeExample(): string {
  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    ([, code = '']) => code,
  );
  const [example, ...others] = blocks.filter((code) => code.includes('defineCluster('));
  if (example === undefined || others.length > 0)
    throw new Error(`README.md: expected one example with defineCluster, got ${blocks.length}`);
  return example;
}
