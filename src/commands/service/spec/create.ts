import type { ServiceContainer, ServiceSpec, TaskSpec } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { Client } from '../../../http/client.ts';
import { collectEnvironment } from '../../container/options/environment.ts';
import { splitPair } from '../../values.ts';
import type { CreateOptions } from '../flags/command.ts';
import { collectCapabilities } from './capabilities.ts';
import { withCredentialSpec } from './credential.ts';
import { withoutEmpty } from './empty.ts';
import { configReferences, secretReferences } from './files.ts';
import { genericResources } from './generic.ts';
import { changeHealth, logDriver } from './health.ts';
import { hostLines } from './hosts.ts';
import { taggedImage } from './image.ts';
import { serviceMode } from './mode.ts';
import { serviceMount } from './mounts.ts';
import { networkAttachments } from './networks.ts';
import { spreadOver } from './placement.ts';
import { changeRestart, changeRollback, changeUpdate } from './rollout.ts';

/** What the flags of `create` do not say. */
export interface CreateSources {
  image: string;
  args: string[];
  environment: Readonly<Record<string, string | undefined>>;
}

/** Variables, of which the last of a name counts. */
function variables(files: string[], given: string[], ours: CreateSources['environment']): string[] {
  const all = new Map<string, string>();
  for (const one of collectEnvironment(files, given, ours)) {
    const [name] = splitPair(one);
    all.delete(name);
    all.set(name, one);
  }
  return [...all.values()];
}

const pairs = (texts: string[]) => Object.fromEntries(texts.map(splitPair));

function container(options: CreateOptions, { image, args, environment }: CreateSources): ServiceContainer {
  return withoutEmpty<ServiceContainer>(
    {
      Image: taggedImage(image),
      Labels: pairs(options.containerLabel),
      Command: options.entrypoint,
      Args: args,
      Hostname: options.hostname,
      Env: variables(options.envFile, options.env, environment),
      Dir: options.workdir,
      User: options.user,
      Groups: options.group,
      Init: options.init ?? false,
      StopSignal: options.stopSignal,
      TTY: options.tty,
      ReadOnly: options.readOnly,
      Mounts: options.mount.map(serviceMount),
      StopGracePeriod: options.stopGracePeriod,
      Healthcheck: changeHealth(undefined, options),
      Hosts: hostLines(options.host),
      DNSConfig: withoutEmpty({
        Nameservers: options.dns,
        Search: options.dnsSearch,
        Options: options.dnsOption,
      }),
      Isolation: options.isolation,
      Sysctls: pairs(options.sysctl),
      ...collectCapabilities(options.capAdd, options.capDrop),
      Ulimits: options.ulimit,
      OomScoreAdj: options.oomScoreAdj,
    },
    ['Init', 'StopGracePeriod', 'DNSConfig'],
  );
}

async function task(options: CreateOptions, sources: CreateSources, client: Client): Promise<TaskSpec> {
  const containerSpec = container(options, sources);
  return withoutEmpty<TaskSpec>(
    {
      ContainerSpec: containerSpec,
      Networks: await networkAttachments(options.network, client),
      Resources: {
        Limits: withoutEmpty({
          NanoCPUs: options.limitCpu,
          MemoryBytes: options.limitMemory,
          Pids: options.limitPids,
        }),
        Reservations: withoutEmpty({
          NanoCPUs: options.reserveCpu,
          MemoryBytes: options.reserveMemory,
          GenericResources: genericResources(options.genericResource),
        }),
      },
      RestartPolicy: changeRestart(undefined, options),
      Placement: withoutEmpty({
        Constraints: options.constraint,
        Preferences: options.placementPref.map(spreadOver),
        MaxReplicas: options.replicasMaxPerNode,
      }),
      LogDriver: logDriver(options),
      ForceUpdate: 0,
    },
    ['Placement', 'ForceUpdate'],
  );
}

/**
 * The service that the flags of `create` describe; what they name is looked for in the Swarm. Throws CommandError and
 * Error in docker's words, ApiError.
 */
export async function createSpec(
  options: CreateOptions,
  sources: CreateSources,
  client: Client,
): Promise<ServiceSpec> {
  const mode = serviceMode(options.mode, options);
  const template = await task(options, sources, client);
  const secrets = await secretReferences(options.secret, client);
  const { credentialSpec } = options;
  const configs = await configReferences(
    [...options.config, ...(credentialSpec?.Config ? [{ name: credentialSpec.Config }] : [])],
    client,
  );
  const privileges = credentialSpec ? withCredentialSpec(null, credentialSpec, configs) : undefined;
  if (!template.ContainerSpec) throw new CommandError('a service needs an image');
  template.ContainerSpec = withoutEmpty(
    { ...template.ContainerSpec, Privileges: privileges, Secrets: secrets, Configs: configs },
    ['Init', 'StopGracePeriod', 'DNSConfig'],
  );
  return withoutEmpty<ServiceSpec>(
    {
      Name: options.name,
      Labels: pairs(options.label),
      TaskTemplate: template,
      Mode: mode,
      UpdateConfig: changeUpdate(undefined, options),
      RollbackConfig: changeRollback(undefined, options),
      EndpointSpec: withoutEmpty({ Mode: options.endpointMode, Ports: options.publish }),
    },
    ['Labels'],
  );
}
