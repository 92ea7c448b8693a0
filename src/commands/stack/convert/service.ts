import type { NetworkAttachment, Placement, ServiceContainer, ServiceSpec, TaskSpec } from '@davit/api';
import { CommandError } from '../../../exit.ts';
import type { Client } from '../../../http/client.ts';
import { collectCapabilities } from '../../service/spec/capabilities.ts';
import { withCredentialSpec } from '../../service/spec/credential.ts';
import { withoutEmpty } from '../../service/spec/empty.ts';
import { configReferences, secretReferences } from '../../service/spec/files.ts';
import { hostLines } from '../../service/spec/hosts.ts';
import { taggedImage } from '../../service/spec/image.ts';
import { spreadOver } from '../../service/spec/placement.ts';
import { parseDuration } from '../../values.ts';
import type { ComposeDeploy, ComposeService } from '../compose/types.ts';
import { convertMount } from './mounts.ts';
import { networkKeys, networkName } from './networks.ts';
import { convertHealth, convertMode, convertResources, convertRestart, convertRollout } from './policies.ts';
import { imageLabel, labelled, type Stack, scoped } from './stack.ts';
import { wantedFiles } from './stored.ts';

const byKey =
  <T>(key: (item: T) => string) =>
  (one: T, other: T) =>
    key(one) < key(other) ? -1 : 1;

function attachments(stack: Stack, key: string, service: ComposeService): NetworkAttachment[] {
  return networkKeys(service)
    .map((network) => {
      if (network !== 'default' && !stack.file.networks?.[network]) {
        throw new CommandError(`undefined network ${JSON.stringify(network)}`);
      }
      const { aliases = [], driver_opts: options } = service.networks?.[network] ?? {};
      const target = networkName(stack, network);
      const isUserDefined = !['host', 'none', 'bridge'].includes(target);
      return withoutEmpty({
        Target: target,
        Aliases: isUserDefined ? [...aliases, key] : aliases,
        DriverOpts: options,
      });
    })
    .sort(byKey(({ Target = '' }) => Target));
}

function ulimits({ ulimits: limits = {} }: ComposeService) {
  return Object.entries(limits)
    .map(([Name, limit]) =>
      typeof limit === 'number'
        ? { Name, Soft: limit, Hard: limit }
        : { Name, Soft: limit.soft, Hard: limit.hard },
    )
    .sort(byKey(({ Name }) => Name));
}

async function container(stack: Stack, service: ComposeService, client: Client): Promise<ServiceContainer> {
  const environment = Object.entries(service.environment ?? {}).map(([name, value]) =>
    value === null ? name : `${name}=${value}`,
  );
  const { credential_spec: account } = service;
  const accountConfig = account?.config ? wantedFiles('config', stack, [{ source: account.config }]) : [];
  const [secrets, configs] = [
    await secretReferences(wantedFiles('secret', stack, service.secrets), client),
    await configReferences(
      [...wantedFiles('config', stack, service.configs), ...accountConfig.map(({ name }) => ({ name }))],
      client,
    ),
  ];
  const credential = account && {
    Config: accountConfig[0]?.name ?? '',
    File: account.file ?? '',
    Registry: account.registry ?? '',
  };
  const noPrivileges = { CredentialSpec: null, SELinuxContext: null, NoNewPrivileges: false };
  return withoutEmpty<ServiceContainer>(
    {
      Image: taggedImage(service.image ?? ''),
      Labels: labelled(stack, service.labels),
      Command: service.entrypoint,
      Args: service.command,
      Hostname: service.hostname,
      Env: environment.sort(),
      Dir: service.working_dir,
      User: service.user,
      Privileges: credential ? withCredentialSpec(noPrivileges, credential, configs) : noPrivileges,
      Init: service.init,
      StopSignal: service.stop_signal,
      TTY: service.tty,
      OpenStdin: service.stdin_open,
      ReadOnly: service.read_only,
      Mounts: (service.volumes ?? []).map((mount) => convertMount(stack, mount)),
      StopGracePeriod: service.stop_grace_period ? parseDuration(service.stop_grace_period) : undefined,
      Healthcheck: convertHealth(service.healthcheck),
      Hosts: hostLines(service.extra_hosts ?? []),
      DNSConfig: withoutEmpty({ Nameservers: service.dns, Search: service.dns_search }),
      Secrets: secrets.sort(byKey(({ SecretName }) => SecretName)),
      Configs: configs.sort(byKey(({ ConfigName }) => ConfigName)),
      Isolation: service.isolation,
      Sysctls: service.sysctls,
      ...collectCapabilities(service.cap_add ?? [], service.cap_drop ?? []),
      Ulimits: ulimits(service),
      OomScoreAdj: service.oom_score_adj,
    },
    ['Init', 'StopGracePeriod'],
  );
}

function placement({ placement: given = {} }: ComposeDeploy): Placement {
  return withoutEmpty<Placement>({
    Constraints: given.constraints,
    Preferences: (given.preferences ?? []).map(({ spread }) => spreadOver(spread)),
    MaxReplicas: given.max_replicas_per_node,
  });
}

function ports({ ports: given = [] }: ComposeService) {
  return given
    .map((port) =>
      withoutEmpty({
        Protocol: port.protocol,
        TargetPort: port.target,
        PublishedPort: port.published,
        PublishMode: port.mode,
      }),
    )
    .sort((one, other) => (one.PublishedPort ?? 0) - (other.PublishedPort ?? 0));
}

/** The service of a Swarm that a service of a compose file comes to. Throws CommandError in docker's words, ApiError. */
export async function convertService(
  stack: Stack,
  key: string,
  service: ComposeService,
  client: Client,
): Promise<ServiceSpec> {
  const deploy = service.deploy ?? {};
  const { logging } = service;
  const task = withoutEmpty<TaskSpec>(
    {
      ContainerSpec: await container(stack, service, client),
      Resources: convertResources(deploy),
      RestartPolicy: convertRestart(service.restart, deploy.restart_policy),
      Placement: placement(deploy),
      Networks: attachments(stack, key, service),
      LogDriver: logging && withoutEmpty({ Name: logging.driver, Options: logging.options }),
      ForceUpdate: 0,
    },
    ['Resources', 'Placement', 'ForceUpdate', 'LogDriver'],
  );
  return withoutEmpty<ServiceSpec>(
    {
      Name: scoped(stack, key),
      Labels: { ...labelled(stack, deploy.labels), [imageLabel]: service.image ?? '' },
      TaskTemplate: task,
      Mode: convertMode(deploy),
      UpdateConfig: convertRollout(deploy.update_config),
      RollbackConfig: convertRollout(deploy.rollback_config),
      EndpointSpec: withoutEmpty({ Mode: deploy.endpoint_mode, Ports: ports(service) }),
    },
    ['EndpointSpec'],
  );
}
