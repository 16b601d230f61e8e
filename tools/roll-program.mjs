/**
 * The program that a roll from inside the cluster runs: one readable file with everything that it needs.
 *
 * It travels in a ConfigMap and is approved in Git: not minified, and without what renders manifests or reads a
 * kubeconfig. Whoever makes it need one of those is told so here.
 */
import { mkdirSync } from 'node:fs';
import { build } from 'esbuild';

const NOTHING_FOREIGN = {
  name: 'nothing-foreign',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) =>
      kind === 'entry-point' || path.startsWith('node:')
        ? undefined
        : { errors: [{ text: `'${importer}' imports '${path}': expected nothing but Node.js in the roll's program` }] },
    );
    // The one script that it brings to a host stands in it: there is no folder of scripts in its pod.
    onLoad({ filter: /src[/\\]layers[/\\]script\.ts$/ }, () => ({
      contents: `
        import hostReboot from './node-bootstrap/scripts/host-reboot.sh';
        const SCRIPTS = { 'node-bootstrap/host-reboot.sh': hostReboot };
        export function readScript(layer, name) {
          const script = SCRIPTS[layer + '/' + name];
          if (script === undefined) throw new Error('script ' + layer + '/' + name + ': it is not in this program');
          return script;
        }`,
      loader: 'js',
      resolveDir: 'src/layers',
    }));
  },
};

export async function bundleRollProgram(folder) {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: ['src/roll-main.ts'],
    outfile: `${folder}/rolling-reboot.cjs`,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    charset: 'utf8',
    loader: { '.sh': 'text' },
    plugins: [NOTHING_FOREIGN],
    supported: { 'dynamic-import': false },
    banner: {
      js: '// selfheal: one roll of reboots from inside the cluster. Made of src/roll-main.ts; see docs/layers/rolling-reboot.md.',
    },
  });
}
