import { isIP } from 'node:net';
import type { ContainerConfig, HostConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import { parseMac } from './ipv4.ts';

/** What `--network` asks for. */
export type NetworkMode =
  | { kind: 'bridge' | 'host' | 'none' }
  | { kind: 'container'; container: string }
  | { kind: 'network'; name: string };

/** Reads HostConfig.NetworkMode. */
export function parseNetworkMode(text: string): NetworkMode {
  if (text === '' || text === 'default' || text === 'bridge') return { kind: 'bridge' };
  if (text === 'host' || text === 'none') return { kind: text };
  if (text !== 'container' && !text.startsWith('container:')) return { kind: 'network', name: text };
  const container = text.slice('container:'.length);
  if (container === '') refuse('Invalid network mode: invalid container format container:<name|id>');
  return { kind: 'container', container };
}

/** Refuses what cannot go together with the network of a container, in dockerd's words. */
export function checkNetworkOptions(
  mode: NetworkMode,
  hostConfig: HostConfig,
  config: ContainerConfig,
): void {
  const shared = mode.kind === 'container';
  const conflict = (what: string) => refuse(`conflicting options: ${what}`);
  if (shared && config.Hostname !== '') conflict('hostname and the network mode');
  if (shared && hasSome(hostConfig.Links)) {
    conflict("container type network can't be used with links. This would result in undefined behavior");
  }
  if (mode.kind === 'host' && hasSome(hostConfig.Links)) {
    conflict("host type networking can't be used with links. This would result in undefined behavior");
  }
  if (shared && hasSome(hostConfig.Dns)) conflict('dns and the network mode');
  if (shared && hasSome(hostConfig.ExtraHosts)) conflict('custom host-to-IP mapping and the network mode');
  if ((shared || mode.kind === 'host') && config.MacAddress !== '') {
    conflict('mac-address and the network mode');
  }
  const publishes = hostConfig.PublishAllPorts || Object.keys(hostConfig.PortBindings ?? {}).length > 0;
  if (shared && publishes) conflict('port publishing and the container type network mode');
  if (shared && Object.keys(config.ExposedPorts ?? {}).length > 0) {
    conflict('port exposing and the container type network mode');
  }
  if (config.MacAddress !== '' && parseMac(config.MacAddress) === null) {
    refuse(`invalid MAC address: ${config.MacAddress}`);
  }
  for (const server of hostConfig.Dns ?? []) {
    if (isIP(server) === 0) refuse(`bad nameserver address: ${server}`);
  }
}

function hasSome(list: string[] | null): boolean {
  return (list ?? []).length > 0;
}

function refuse(message: string): never {
  throw new EngineError('badParameter', message);
}
