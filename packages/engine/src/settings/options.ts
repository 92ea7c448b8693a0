import type { BuilderConfig } from '../config.ts';

/** What a setting holds. */
export type Kind = 'text' | 'switch' | 'list' | 'number' | 'runtimes' | 'pools' | 'pairs' | 'builder';

/** A setting of the engine: the flag that gives it, and its key in the configuration file (daemon.json). */
export interface Setting {
  /** With a dot for a key in an object of the file. */
  key: string;
  /** As commander writes flags; without a value's name for a switch. Empty for what only the file can say. */
  flags: string;
  kind: Kind;
  help: string;
}

/** What the configuration file holds for each kind. */
export const kindNames: Record<Kind, string> = {
  text: 'a text',
  switch: 'true or false',
  number: 'a whole number',
  list: 'a list of texts',
  runtimes: 'a map of names to {"path": …, "runtimeArgs": […]}',
  pools: 'a list of objects with base and size',
  builder: 'an object with gc',
  pairs: 'a map of names to texts',
};

/** A value as it was given, checked to be of its setting's kind. */
export type Value =
  | string
  | boolean
  | number
  | string[]
  | Record<string, { path: string; args: string[] }>
  | BuilderConfig;

/** The values that one source gives, by key. */
export type Values = Record<string, Value>;

/** Every setting, with the flags and keys that dockerd has for it. */
export const settings: Setting[] = [
  {
    key: 'hosts',
    flags: '-H, --host <address>',
    kind: 'list',
    help: 'Where to listen: unix:///path, tcp://address:port or fd:// (may be repeated)',
  },
  {
    key: 'group',
    flags: '-G, --group <name>',
    kind: 'text',
    help: 'Group that may use the Unix socket (davit, else docker, else root only)',
  },
  {
    key: 'data-root',
    flags: '--data-root <path>',
    kind: 'text',
    help: 'Folder of images, containers and state (/var/lib/davit)',
  },
  {
    key: 'exec-root',
    flags: '--exec-root <path>',
    kind: 'text',
    help: 'Folder of sockets and process files (/run/davit)',
  },
  {
    key: 'pidfile',
    flags: '-p, --pidfile <path>',
    kind: 'text',
    help: 'File for the process ID (/run/davit.pid)',
  },
  { key: 'debug', flags: '-D, --debug', kind: 'switch', help: 'Log what is done, request by request' },
  {
    key: 'log-level',
    flags: '-l, --log-level <level>',
    kind: 'text',
    help: 'Lowest level that is logged: debug, info, warn, error or fatal (info)',
  },
  {
    key: 'live-restore',
    flags: '--live-restore',
    kind: 'switch',
    help: 'Leave containers running when the engine stops',
  },
  {
    key: 'shutdown-timeout',
    flags: '--shutdown-timeout <seconds>',
    kind: 'number',
    help: 'How long containers may take to stop when the engine stops (15)',
  },
  {
    key: 'idle-timeout',
    flags: '--idle-timeout <seconds>',
    kind: 'number',
    help: 'Stop when nothing ran and nobody called for so long (0: never)',
  },
  {
    key: 'bridge',
    flags: '-b, --bridge <name>',
    kind: 'text',
    help: 'Name of the default bridge, "none" for no default network',
  },
  { key: 'bip', flags: '--bip <address/prefix>', kind: 'text', help: 'Address of the default bridge' },
  {
    key: 'default-address-pools',
    flags: '--default-address-pool <pool>',
    kind: 'pools',
    help: 'Addresses for networks that name none, as in base=10.10.0.0/16,size=24 (may be repeated)',
  },
  { key: 'dns', flags: '--dns <address>', kind: 'list', help: 'DNS server for containers (may be repeated)' },
  {
    key: 'dns-search',
    flags: '--dns-search <domain>',
    kind: 'list',
    help: 'DNS search domain for containers (may be repeated)',
  },
  {
    key: 'dns-opts',
    flags: '--dns-opt <option>',
    kind: 'list',
    help: 'DNS option for containers (may be repeated)',
  },
  {
    key: 'default-runtime',
    flags: '--default-runtime <name>',
    kind: 'text',
    help: 'OCI runtime for containers that name none (the one that works here)',
  },
  {
    key: 'runtimes',
    flags: '--add-runtime <name=path>',
    kind: 'runtimes',
    help: 'Make another OCI runtime known (may be repeated)',
  },
  {
    key: 'log-driver',
    flags: '--log-driver <name>',
    kind: 'text',
    help: 'Log of containers that name none: json-file, local or none (json-file)',
  },
  {
    key: 'log-opts',
    flags: '--log-opt <name=value>',
    kind: 'pairs',
    help: 'Option of that log, as in max-size=10m (may be repeated)',
  },
  {
    key: 'cgroup-parent',
    flags: '--cgroup-parent <path>',
    kind: 'text',
    help: 'Cgroup above those of the containers',
  },
  { key: 'builder', flags: '', kind: 'builder', help: 'How the cache of builds is kept in bounds' },
  { key: 'init-path', flags: '--init-path <path>', kind: 'text', help: 'Program for --init of containers' },
  {
    key: 'insecure-registries',
    flags: '--insecure-registry <host>',
    kind: 'list',
    help: 'Registry that is used without checking its certificate (may be repeated)',
  },
  {
    key: 'registry-mirrors',
    flags: '--registry-mirror <url>',
    kind: 'list',
    help: 'Mirror of Docker Hub (may be repeated)',
  },
  {
    key: 'proxies.http-proxy',
    flags: '--http-proxy <url>',
    kind: 'text',
    help: 'Proxy for what the engine fetches by http ($HTTP_PROXY)',
  },
  {
    key: 'proxies.https-proxy',
    flags: '--https-proxy <url>',
    kind: 'text',
    help: 'Proxy for what the engine fetches by https ($HTTPS_PROXY)',
  },
  {
    key: 'proxies.no-proxy',
    flags: '--no-proxy <hosts>',
    kind: 'text',
    help: 'What is reached without a proxy, separated by commas ($NO_PROXY)',
  },
  {
    key: 'labels',
    flags: '--label <key=value>',
    kind: 'list',
    help: 'Label of this engine (may be repeated)',
  },
  { key: 'tls', flags: '--tls', kind: 'switch', help: 'Encrypt tcp:// (implied by --tlsverify)' },
  {
    key: 'tlsverify',
    flags: '--tlsverify',
    kind: 'switch',
    help: 'Encrypt tcp:// and demand the certificate of clients',
  },
  {
    key: 'tlscacert',
    flags: '--tlscacert <file>',
    kind: 'text',
    help: 'Certificates that those of clients must be signed by (~/.docker/ca.pem)',
  },
  {
    key: 'tlscert',
    flags: '--tlscert <file>',
    kind: 'text',
    help: "The engine's certificate (~/.docker/cert.pem)",
  },
  {
    key: 'tlskey',
    flags: '--tlskey <file>',
    kind: 'text',
    help: 'Key of that certificate (~/.docker/key.pem)',
  },
];

/** A setting of dockerd that cannot be changed here; giving it the value that it has anyway is fine. */
export interface ForeignSetting {
  key: string;
  flags: string;
  /** The value it has. */
  value?: string | boolean;
  why: string;
}

export const foreignSettings: ForeignSetting[] = [
  {
    key: 'storage-driver',
    flags: '-s, --storage-driver [name]',
    value: 'overlay2',
    why: 'davitd stores with overlayfs',
  },
  { key: 'storage-opts', flags: '--storage-opt [option]', why: 'there is nothing to set about overlayfs' },
  {
    key: 'iptables',
    flags: '--iptables [on]',
    value: true,
    why: 'davitd publishes ports with an nftables table of its own',
  },
  { key: 'ip-forward', flags: '--ip-forward [on]', value: true, why: 'bridge networks need forwarding' },
  { key: 'ip-masq', flags: '--ip-masq [on]', value: true, why: 'bridge networks are always masqueraded' },
  {
    key: 'icc',
    flags: '--icc [on]',
    value: true,
    why: 'the containers of a network always reach each other',
  },
  {
    key: 'selinux-enabled',
    flags: '--selinux-enabled [on]',
    value: false,
    why: 'davitd does not label for SELinux',
  },
  {
    key: 'experimental',
    flags: '--experimental [on]',
    value: false,
    why: 'davitd has no experimental features',
  },
  { key: 'raw-logs', flags: '--raw-logs [on]', value: true, why: 'the log of davitd is never coloured' },
  { key: 'rootless', flags: '--rootless [on]', value: false, why: 'davitd needs root' },
  { key: 'authorization-plugins', flags: '--authorization-plugin [name]', why: 'davitd has no plugins' },
  {
    key: 'containerd',
    flags: '--containerd [address]',
    why: 'davitd runs containers through conmon and needs no containerd',
  },
  { key: 'exec-opts', flags: '--exec-opt [option]', why: 'davitd finds out about cgroups by itself' },
  { key: 'metrics-addr', flags: '--metrics-addr [address]', why: 'davitd has no metrics endpoint' },
  {
    key: 'seccomp-profile',
    flags: '--seccomp-profile [file]',
    why: 'davitd has a built-in profile; a container can bring its own with --security-opt',
  },
  { key: 'userns-remap', flags: '--userns-remap [user]', why: 'davitd has no user namespaces yet' },
];

/** The long name of a flag: "host". */
export function longFlag({ flags }: { flags: string }): string {
  return /--([a-z-]+)/.exec(flags)?.[1] ?? flags;
}
