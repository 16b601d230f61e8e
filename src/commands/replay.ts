/** `selfheal replay`: what each watchdog policy would have done with a recorded kernel log. */
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { scriptPaths } from '../layers/script.js';
import { describedPolicy } from '../ops/replay/described-policy.js';
import { createTally } from '../ops/replay/detector-output.js';
import { createFeed } from '../ops/replay/feed.js';
import { createLogReader, type LogSummary } from '../ops/replay/log-reader.js';
import { CURRENT, detectorSettings, type KernelSettings, POLICIES, type Policy } from '../ops/replay/policies.js';
import { POLICY_FLAGS, parsePolicyFlags } from '../ops/replay/policy-flags.js';
import { concludeReplay, createBootList, jsonReport, type Replay } from '../ops/replay/report.js';
import { drawSvg } from '../ops/replay/svg.js';
import { drawText } from '../ops/replay/text.js';
import { counted } from '../ops/replay/words.js';
import { loadClusters } from '../synth/load-clusters.js';
import { type Awk, startDetector, tryFindAwk } from './awk.js';
import type { Command } from './command.js';
import { accepted, chosenOutput, clustersFolder, readFlagsAndFiles } from './flags.js';
import { checkFile, nameOf, readLog } from './kernel-log-file.js';

const OUTPUTS = ['text', 'json', 'svg'] as const;

export const replay: Command = {
  help: `Usage: selfheal replay [-o text|json|svg] [policy flags] FILE...

Runs the detector of the hosts over recorded kernel logs, once for each policy: v1, v2 and v3 (the owner's of
November to April), current (the defaults of today), and one given by flags. Reads dmesg (raw, -T, -x, -e,
--time-format iso), /dev/kmsg, syslog (RFC 3164, RFC 5424, ISO stamps), and journalctl's short formats, export and
json; also gzipped; "-" is standard input. Needs any awk, and changes nothing.

  -o, --output FORMAT   text: a time line (default); json: an object a file, one a line; svg: a drawing of all files
  --hz N                jiffies a second of the log's kernel (default: found out from the log)
  --stall-timeout T     its rcu_cpu_stall_timeout, e.g. 21s        } with --hz: thresholds are scaled where
  --expedited-timeout T its rcu_exp_cpu_stall_timeout, e.g. 20ms   } they could not be reached, as on the host

Any of these adds the policy "given", which is current but for them:
  --burst N/T  --sustained N/T  --chronic N/T    stalls in a time, e.g. 10/2min; "off" leaves the path out
  --stuck T          one grace period that is reported for so long ("off")
  --grace T          after boot, when nothing is acted upon; stalls in it never count
  --max-reboots N    reboots in a row, then alerts only    --healthy T    uptime that restores them
  --count lines|periods    --sources all|expedited    --every T    look by a timer instead of at each line

  --node NAME        adds the policy that a description gives this node
  --clusters FOLDER  where the descriptions are (default: src/clusters if there is one, else clusters)

A reboot is "at" seconds since the boot with the number "boot"; "time" is the wall clock's, where the log has one.
One reboot for each policy and boot: what came after it, had it happened, no log can tell. After the last line of a
boot nothing is decided. The black-hole path needs the network, which no log has.

Exit status: 0 replayed, 2 wrong input or usage; the files that could be read are still reported.

  # last boot's kernel log
  selfheal replay kern.log
  # two incidents as data, against other thresholds
  selfheal replay -o json --burst 5/1min --grace 10min apr-3.log apr-5.log.gz`,

  async run(args, io) {
    const { values, files } = readFlagsAndFiles(args, {
      output: { type: 'string', short: 'o', default: 'text' },
      node: { type: 'string' },
      clusters: { type: 'string' },
      ...POLICY_FLAGS,
    });
    const output = chosenOutput(values.output, OUTPUTS);
    const { policy, kernel } = accepted(parsePolicyFlags(values));
    if (files.length === 0)
      throw new OperatorError('files: expected at least one kernel log, got none', ['selfheal replay --help']);
    if (files.filter((file) => file === '-').length > 1)
      throw new OperatorError('files: expected "-" at most once, got it more often');

    const folder = clustersFolder(values.clusters, io);
    const described = values.node === undefined ? [] : [await policyOfNode(values.node, folder)];
    const policies = [...POLICIES, ...(policy === undefined ? [] : [policy]), ...described];
    const { replays, problems } = await replayAll(files, policies, kernel);
    for (const line of draw(output, replays)) io.out(line);
    if (problems.length > 0) {
      const [first, ...more] = problems;
      throw new OperatorError(first?.message ?? '', [...(first?.hints ?? []), ...more.map(({ message }) => message)]);
    }
    return 0;
  },
};

async function policyOfNode(node: string, folder: string): Promise<Policy> {
  const groups = (await loadClusters(folder)).flatMap(({ hosts }) => hosts);
  const watched = groups.flatMap(({ nodes, rcuWatchdog }) =>
    rcuWatchdog === null ? [] : nodes.map(({ name }) => ({ name, rcuWatchdog })),
  );
  const found = watched.filter(({ name }) => name === node);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    const names = watched.map(({ name }) => name);
    throw new OperatorError(
      `--node: expected one with a watchdog in ${folder} (${names.join(', ')}), got ${show(node)}${didYouMean(node, names)}`,
    );
  }
  return describedPolicy(node, first.rcuWatchdog);
}

function draw(output: (typeof OUTPUTS)[number], replays: readonly Replay[]): readonly string[] {
  if (output === 'json') return replays.map((result) => JSON.stringify(jsonReport(result)));
  if (output === 'svg') return replays.length === 0 ? [] : drawSvg(replays);
  return drawText(replays);
}

async function replayAll(files: readonly string[], policies: readonly Policy[], kernel: KernelSettings) {
  const problems: OperatorError[] = [];
  const replays: Replay[] = [];
  let awk: Awk | undefined;
  for (const file of files) {
    try {
      checkFile(file);
      awk ??= requireAwk();
      replays.push(await replayFile(file, policies, kernel, awk));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      problems.push(error);
      if (error === NO_AWK) break;
    }
  }
  return { replays, problems };
}

const NO_AWK = new OperatorError(
  'awk: expected mawk, gawk or busybox in PATH, which run the detector; got none of them',
  ['apt install mawk'],
);

function requireAwk(): Awk {
  const awk = tryFindAwk();
  if (awk === undefined) throw NO_AWK;
  return awk;
}

async function replayFile(
  file: string,
  policies: readonly Policy[],
  kernel: KernelSettings,
  awk: Awk,
): Promise<Replay> {
  const reader = createLogReader();
  const bootList = createBootList();
  const programs = scriptPaths('rcu-watchdog', 'detector', '.awk');
  const running = policies.map((policy) => {
    const tally = createTally(policy === CURRENT ? 'all' : 'decisions');
    const { feed, end } = createFeed(policy);
    return {
      policy,
      tally,
      feed,
      end,
      detector: startDetector(awk, programs, detectorSettings(policy, kernel), tally.take),
    };
  });
  const pass = async (lines: ReturnType<typeof reader.read>): Promise<void> => {
    for (const line of lines) bootList.take(line);
    await Promise.all(running.map(({ feed, detector }) => detector.write(lines.map(feed).join(''))));
  };

  try {
    for await (const piece of readLog(file)) await pass(reader.read(piece));
    await pass(reader.end());
    requireKernelLog(file, reader.summary());
  } finally {
    // Also after a problem: no child is left behind.
    await Promise.all(running.map(async ({ end, detector }) => [await detector.write(end()), await detector.end()]));
  }
  const verdicts = running.map(({ policy, tally }) => {
    const { decisions, inARow } = tally.observations();
    return { policy, decisions, inARow };
  });
  const seen = running.find(({ policy }) => policy === CURRENT)?.tally.observations();
  if (seen === undefined) throw new Error("policies: expected 'current' among them, got none");
  return concludeReplay(nameOf(file), reader.summary(), bootList.boots(), seen, verdicts, kernel.hz || undefined);
}

function requireKernelLog(file: string, { lines, isKernelLog }: LogSummary): void {
  if (lines === 0)
    throw new OperatorError(`file ${show(nameOf(file))}: expected a kernel log, got nothing: it is empty`);
  if (!isKernelLog)
    throw new OperatorError(
      `file ${show(nameOf(file))}: expected a kernel log, got ${counted(lines, 'line')} in no format that is known`,
      ['selfheal replay --help lists them'],
    );
}
