/** What the kubelets told of pods in their events. */
import { numberAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { timeOf } from './live.js';

interface PodEvent {
  /** Of the pod; a new one of the same name has another. */
  readonly uid: string;
  readonly reason: string;
  readonly message: string;
  /** How often it was seen; the event is one. */
  readonly count: number;
  /** Milliseconds since 1970, of the last time. */
  readonly last: number;
}

/** Events of the API's two forms: a series counts the newer ones. */
export const kubeletEvents = (events: readonly LiveObject[]): readonly PodEvent[] =>
  events.flatMap((event) => {
    const by = textAt(event.source, 'component') || textAt(event, 'reportingComponent');
    const uid = textAt(event.involvedObject, 'uid');
    if (by !== 'kubelet' || textAt(event.involvedObject, 'kind') !== 'Pod' || uid === undefined) return [];
    const times = [
      textAt(event.series, 'lastObservedTime'),
      textAt(event, 'lastTimestamp'),
      textAt(event, 'eventTime'),
      event.metadata.creationTimestamp,
    ];
    return [
      {
        uid,
        reason: textAt(event, 'reason') ?? '',
        message: textAt(event, 'message') ?? '',
        count: numberAt(event.series, 'count') ?? numberAt(event, 'count') ?? 1,
        last: times.map(timeOf).find((time) => time !== undefined) ?? 0,
      },
    ];
  });
