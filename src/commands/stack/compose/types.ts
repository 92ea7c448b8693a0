/* A compose file in its canonical form, as far as a Swarm makes something of it. */

export interface Pairs {
  [name: string]: string;
}

export interface ComposePort {
  mode?: string;
  target?: number;
  published?: number;
  protocol?: string;
}

export interface ComposeMount {
  type: string;
  source?: string;
  target?: string;
  read_only?: boolean;
  consistency?: string;
  bind?: { propagation?: string };
  volume?: { nocopy?: boolean; subpath?: string };
  tmpfs?: { size?: number };
}

export interface ComposeFileReference {
  source: string;
  target?: string;
  uid?: string;
  gid?: string;
  mode?: number;
}

export interface ComposeRollout {
  parallelism?: number;
  delay?: string;
  failure_action?: string;
  monitor?: string;
  max_failure_ratio?: number;
  order?: string;
}

export interface ComposeDeploy {
  mode?: string;
  replicas?: number;
  labels?: Pairs;
  update_config?: ComposeRollout;
  rollback_config?: ComposeRollout;
  resources?: {
    limits?: { cpus?: string; memory?: string; pids?: number };
    reservations?: {
      cpus?: string;
      memory?: string;
      generic_resources?: { discrete_resource_spec?: { kind: string; value: number } }[];
    };
  };
  restart_policy?: { condition?: string; delay?: string; max_attempts?: number; window?: string };
  placement?: {
    constraints?: string[];
    preferences?: { spread: string }[];
    max_replicas_per_node?: number;
  };
  endpoint_mode?: string;
}

export interface ComposeService {
  cap_add?: string[];
  cap_drop?: string[];
  command?: string[];
  configs?: ComposeFileReference[];
  credential_spec?: { config?: string; file?: string; registry?: string };
  deploy?: ComposeDeploy | null;
  dns?: string[];
  dns_search?: string[];
  entrypoint?: string[];
  environment?: Record<string, string | null>;
  extra_hosts?: string[];
  healthcheck?: {
    test?: string[];
    timeout?: string;
    interval?: string;
    retries?: number;
    start_period?: string;
    start_interval?: string;
    disable?: boolean;
  };
  hostname?: string;
  image?: string;
  init?: boolean;
  isolation?: string;
  labels?: Pairs;
  logging?: { driver?: string; options?: Pairs };
  networks?: Record<string, { aliases?: string[]; driver_opts?: Pairs } | null>;
  oom_score_adj?: number;
  ports?: ComposePort[];
  read_only?: boolean;
  restart?: string;
  secrets?: ComposeFileReference[];
  stdin_open?: boolean;
  stop_grace_period?: string;
  stop_signal?: string;
  sysctls?: Pairs;
  tty?: boolean;
  ulimits?: Record<string, number | { soft: number; hard: number }>;
  user?: string;
  volumes?: ComposeMount[];
  working_dir?: string;
}

interface Resource {
  name?: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Pairs;
  labels?: Pairs;
}

export interface ComposeNetwork extends Resource {
  ipam?: { driver?: string; config?: { subnet?: string }[] };
  internal?: boolean;
  attachable?: boolean;
}

export type ComposeVolume = Resource;

export interface ComposeStored extends Resource {
  file?: string;
  template_driver?: string;
}

export interface ComposeFile {
  services?: Record<string, ComposeService>;
  networks?: Record<string, ComposeNetwork>;
  volumes?: Record<string, ComposeVolume>;
  secrets?: Record<string, ComposeStored>;
  configs?: Record<string, ComposeStored>;
}
