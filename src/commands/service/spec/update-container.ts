import type { ServiceContainer } from '@davit/api';
import type { Client } from '../../../http/client.ts';
import { collectEnvironment } from '../../container/options/environment.ts';
import { splitPair } from '../../values.ts';
import type { UpdateOptions } from '../flags/command.ts';
import { changeCapabilities } from './capabilities.ts';
import { withCredentialSpec } from './credential.ts';
import { withoutEmpty } from './empty.ts';
import { configReferences, secretReferences } from './files.ts';
import { changeHealth } from './health.ts';
import { changeHosts } from './hosts.ts';
import { taggedImage } from './image.ts';
import { changeKeyed, changeMap, changeSet } from './lists.ts';
import { changeMounts, serviceMount } from './mounts.ts';

/** What the flags of `update` do not say. */
export interface UpdateSources {
  client: Client;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Members that say something even when they are empty. */
const kept = ['Init', 'StopGracePeriod', 'DNSConfig', 'Healthcheck', 'Privileges'] as const;

/** Replaces what is given and leaves the rest. */
const given = <K extends string, T>(key: K, value: T | undefined) =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: T });

function plainChanges(options: UpdateOptions): ServiceContainer {
  return {
    ...given('Image', options.image === undefined ? undefined : taggedImage(options.image)),
    ...given('Args', options.args),
    ...given('Command', options.entrypoint),
    ...given('Dir', options.workdir),
    ...given('User', options.user),
    ...given('Hostname', options.hostname),
    ...given('Init', options.init),
    ...given('Isolation', options.isolation),
    ...given('StopGracePeriod', options.stopGracePeriod),
    ...given('StopSignal', options.stopSignal),
    ...given('TTY', options.tty),
    ...given('ReadOnly', options.readOnly),
    ...given('OomScoreAdj', options.oomScoreAdj),
  };
}

function dns(before: ServiceContainer['DNSConfig'], options: UpdateOptions): ServiceContainer['DNSConfig'] {
  const changes = [
    [options.dnsAdd, options.dnsRm],
    [options.dnsSearchAdd, options.dnsSearchRm],
    [options.dnsOptionAdd, options.dnsOptionRm],
  ] as const;
  if (changes.flat(2).length === 0) return before;
  const [servers, domains, settings] = changes;
  return withoutEmpty({
    Nameservers: changeSet(before?.Nameservers, ...servers),
    Search: changeSet(before?.Search, ...domains),
    Options: changeSet(before?.Options, ...settings),
  });
}

function listChanges(
  before: ServiceContainer,
  options: UpdateOptions,
  environment: UpdateSources['environment'],
): ServiceContainer {
  const hasGroups = options.groupAdd.length + options.groupRm.length > 0;
  const hasCapabilities = options.capAdd.length + options.capDrop.length > 0;
  return {
    Labels: changeMap(before.Labels, options.containerLabelAdd.map(splitPair), options.containerLabelRm),
    Env: changeKeyed(
      before.Env,
      (one) => splitPair(one)[0],
      collectEnvironment([], options.envAdd, environment),
      options.envRm,
    ),
    Sysctls: changeMap(before.Sysctls, options.sysctlAdd.map(splitPair), options.sysctlRm),
    Ulimits: changeKeyed(before.Ulimits, ({ Name }) => Name, options.ulimitAdd, options.ulimitRm).sort(
      (one, other) => (one.Name < other.Name ? -1 : 1),
    ),
    Mounts: changeMounts(before.Mounts ?? [], {
      added: options.mountAdd.map(serviceMount),
      removed: options.mountRm,
    }),
    Hosts: changeHosts(before.Hosts ?? [], options.hostAdd, options.hostRm),
    ...(hasGroups ? { Groups: changeSet(before.Groups, options.groupAdd, options.groupRm) } : {}),
    ...(hasCapabilities ? changeCapabilities(before, options.capAdd, options.capDrop) : {}),
  };
}

async function references(before: ServiceContainer, options: UpdateOptions, client: Client) {
  const { credentialSpec } = options;
  const secrets = (before.Secrets ?? []).filter(({ SecretName }) => !options.secretRm.includes(SecretName));
  // An account from a config takes the place of the one before.
  const oldConfigs = (before.Configs ?? []).filter(
    ({ ConfigName, Runtime }) =>
      !options.configRm.includes(ConfigName) && !(Runtime && credentialSpec !== undefined),
  );
  const wanted = [...options.configAdd, ...(credentialSpec?.Config ? [{ name: credentialSpec.Config }] : [])];
  return {
    Secrets: [...secrets, ...(await secretReferences(options.secretAdd, client))],
    Configs: [...oldConfigs, ...(await configReferences(wanted, client))],
  };
}

/** A service's container with what the flags of `update` change. Throws CommandError in docker's words, ApiError. */
export async function changeContainer(
  before: ServiceContainer,
  options: UpdateOptions,
  { client, environment }: UpdateSources,
): Promise<ServiceContainer> {
  const files = await references(before, options, client);
  const { credentialSpec } = options;
  return withoutEmpty<ServiceContainer>(
    {
      ...before,
      ...plainChanges(options),
      ...listChanges(before, options, environment),
      ...given('DNSConfig', dns(before.DNSConfig, options)),
      ...given('Healthcheck', changeHealth(before.Healthcheck, options)),
      ...files,
      ...(credentialSpec === undefined
        ? {}
        : given(
            'Privileges',
            withCredentialSpec(before.Privileges, credentialSpec, files.Configs) ?? undefined,
          )),
    },
    [...kept],
  );
}
