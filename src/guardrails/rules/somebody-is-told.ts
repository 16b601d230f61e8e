/** A stack of ours whose alerts go to nobody. An Alertmanager that was there before may have receivers of its own. */
import type { Guardrail } from '../guardrail.js';

export const somebodyIsTold: Guardrail = {
  id: 'somebody-is-told',
  severity: 'warning',
  lesson: 'Outages were noticed by a grey tile in Home Assistant, because no alert reached anybody.',
  incident: 'nov-22',
  check: ({ cluster: { monitoring } }) =>
    monitoring !== null && monitoring.chart !== null && monitoring.notify === null
      ? [
          {
            where: 'monitoring.notify',
            found: "expected where alerts are sent, got nothing (the chart's Alertmanager sends them to nobody)",
            mend: 'add `notify` with the Secret that holds the URL of a webhook',
          },
        ]
      : [],
};
