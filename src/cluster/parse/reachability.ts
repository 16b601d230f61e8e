/** Parses how the nodes are looked at from outside. */
import { minutes } from '../duration.js';
import type { NtfySpec, ReachabilitySpec, SlackSpec, WebhookSpec } from '../spec/reachability.js';
import { fields, optional } from './fields.js';
import { list, oneOf, type Parser, tagged } from './parser.js';
import { notAsText } from './secret-key.js';
import * as value from './values.js';

const url = { urlFile: optional(value.secretFile, '/etc/selfheal/reachability-prober.url') };
const withToken = { ...url, tokenFile: optional(value.secretFile, '/etc/selfheal/reachability-prober.token') };

const notify = notAsText(
  'an object whose kind is one of "ntfy", "slack", "webhook"',
  tagged('kind', {
    ntfy: fields<NtfySpec>()({ kind: oneOf('ntfy'), ...withToken }),
    slack: fields<SlackSpec>()(
      { kind: oneOf('slack'), ...url },
      { elsewhere: new Map([['tokenFile', 'kind "ntfy" and kind "webhook"']]) },
    ),
    webhook: fields<WebhookSpec>()({ kind: oneOf('webhook'), ...withToken }),
  }),
);

export const reachability = (node: Parser<string>) =>
  fields<ReachabilitySpec<string>>()({
    nodes: optional(list(node, { min: 1 }), null),
    prober: optional(value.hostAndPort, null),
    tolerate: optional(value.duration('1min', '1h'), minutes(2)),
    notify: optional(notify, null),
  });
