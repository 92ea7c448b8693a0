import { EngineError } from '../errors.ts';

/** Options of a bridge that are on or off. */
const switches = [
  'com.docker.network.bridge.enable_icc',
  'com.docker.network.bridge.enable_ip_masquerade',
] as const;

const truths = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const falsehoods = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

type Options = Readonly<Record<string, string>>;

/** Whether an option is on or off; undefined when it is not given. */
export function isOn(options: Options, name: (typeof switches)[number]): boolean | undefined {
  const value = options[name];
  return value === undefined ? undefined : truths.includes(value);
}

/**
 * How containers of a bridge reach the outside and are reached: through the host's address and published ports; the
 * same, and by a route to all of their ports; by a route to their published ports alone, in their own name; or not at
 * all, not even from the host.
 */
export type GatewayMode = (typeof modes)[number];
const modes = ['nat', 'nat-unprotected', 'routed', 'isolated'] as const;
const modeOptions = {
  ip: 'com.docker.network.bridge.gateway_mode_ipv4',
  ip6: 'com.docker.network.bridge.gateway_mode_ipv6',
} as const;

/** The mode that a bridge has for one kind of addresses. */
export function gatewayMode(options: Options, family: keyof typeof modeOptions): GatewayMode {
  const wanted = options[modeOptions[family]];
  return modes.find((mode) => mode === wanted) ?? 'nat';
}

/** The name that was asked for a bridge; empty for any. */
export function bridgeName(options: Options): string {
  return options['com.docker.network.bridge.name'] ?? '';
}

/** The address on the host that ports without one are published on; empty for all of its addresses. */
export function bindingAddress(options: Options): string {
  return options['com.docker.network.bridge.host_binding_ipv4'] ?? '';
}

/** The first part of the names of devices in containers. */
export function devicePrefix(options: Options): string {
  return options['com.docker.network.container_iface_prefix'] || 'eth';
}

/** Refuses options of a bridge that cannot be; those that nobody has heard of are kept and mean nothing, as in docker. */
export function checkOptions(options: Options, internal: boolean): void {
  for (const name of switches) {
    const value = options[name];
    if (value === undefined || truths.includes(value) || falsehoods.includes(value)) continue;
    const reason = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
    refuse(`failed to parse ${name} value: ${value} (${reason})`);
  }
  for (const name of Object.values(modeOptions)) {
    const value = options[name];
    if (value !== undefined && !modes.some((mode) => mode === value)) {
      refuse(`failed to parse ${name} value: ${value} (unknown gateway mode ${value})`);
    }
    if (value === 'isolated' && !internal) {
      refuse("gateway mode 'isolated' can only be used for an internal network");
    }
  }
  const bridge = bridgeName(options);
  if (bridge !== '' && !/^[\w.-]{1,15}$/.test(bridge))
    refuse(`invalid name of a bridge: ${JSON.stringify(bridge)}`);
  const mtu = options['com.docker.network.driver.mtu'] ?? '0';
  if (!/^\d{1,5}$/.test(mtu) || (Number(mtu) !== 0 && Number(mtu) < 68) || Number(mtu) > 65_535) {
    refuse(`invalid MTU: ${JSON.stringify(mtu)}`);
  }
  const prefix = devicePrefix(options);
  if (!/^[A-Za-z][\w-]{0,9}$/.test(prefix)) refuse(`invalid prefix of a device: ${JSON.stringify(prefix)}`);
  const address = bindingAddress(options);
  if (address !== '' && !/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) refuse(`invalid IP address: ${address}`);
  for (const name of Object.keys(options)) {
    if (/^com\.docker\.network\.bridge\.(inhibit_ipv4|trusted_host_interfaces)$/.test(name)) {
      refuse(`${name} is not supported`);
    }
  }
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}
