/** The cdk8s app, for `cdk8s synth`: the verb `synth`, into the folder that cdk8s asks for. */
import { App } from 'cdk8s';
import { run, terminal } from './commands/run.js';

// cdk8s names its folder in the environment; an App reads that, and stands for `dist` without it.
process.exitCode = await run(['synth', '--out', new App().outdir], terminal);
