import { int64Type, pointerTo, stringType, structOf } from '../go/value.ts';
import { named, texts } from './basic.ts';

/** Something that happened, as `events` shows it. */
export const eventMessage = pointerTo(
  structOf('events.Message', {
    Status: [stringType, 'status,omitempty'],
    ID: [stringType, 'id,omitempty'],
    From: [stringType, 'from,omitempty'],
    Type: named('events.Type'),
    Action: named('events.Action'),
    Actor: structOf('events.Actor', { ID: stringType, Attributes: texts }),
    Scope: [stringType, 'scope,omitempty'],
    Time: [int64Type, 'time,omitempty'],
    TimeNano: [int64Type, 'timeNano,omitempty'],
  }),
);
