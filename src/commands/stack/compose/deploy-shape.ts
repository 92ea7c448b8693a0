import { bytes, duration, options, pairs } from './forms.ts';
import { decimal, integer, list, object, text } from './shape.ts';

const generic = list(
  object({
    discrete_resource_spec: object({ kind: text, value: integer }, { extensible: true }),
  }),
);

const rollout = object({
  parallelism: integer,
  delay: duration,
  failure_action: text,
  monitor: duration,
  max_failure_ratio: decimal,
  order: text,
});

/** How a service is deployed. */
export const deploy = object(
  {
    mode: text,
    replicas: integer,
    labels: pairs(),
    update_config: rollout,
    rollback_config: rollout,
    resources: object({
      limits: object({ cpus: text, memory: bytes, pids: integer }),
      reservations: object({ cpus: text, memory: bytes, generic_resources: generic }),
    }),
    restart_policy: object({ condition: text, delay: duration, max_attempts: integer, window: duration }),
    placement: object({
      constraints: list(text),
      preferences: list(object({ spread: text })),
      max_replicas_per_node: integer,
    }),
    endpoint_mode: text,
  },
  { extensible: true },
);

export const logging = object({ driver: text, options }, { extensible: true });
