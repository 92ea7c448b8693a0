import type { Node } from '@davit/api';
import { capitalized, goTime, labelLines } from './swarm-words.ts';
import { binarySize } from './units.ts';

/** Kinds of plugins that are told of, in this order. */
const pluginKinds = ['Log', 'Network', 'Volume'];

/** A node of a Swarm for people, line by line as docker's client writes it. */
export function nodeText({ ID, Spec, CreatedAt, Status, ManagerStatus, Description }: Node): string {
  const { Platform, Resources, Engine, TLSInfo } = Description;
  const plugins = Engine?.Plugins ?? [];
  const kinds = pluginKinds.filter((kind) => plugins.some(({ Type }) => Type === kind));
  return [
    `ID:\t\t\t${ID}`,
    ...(Spec.Name ? [`Name:\t\t\t${Spec.Name}`] : []),
    ...labelLines(Spec.Labels),
    `Hostname:              \t${Description.Hostname ?? ''}`,
    `Joined at:             \t${goTime(CreatedAt)}`,
    'Status:',
    ` State:\t\t\t${capitalized(Status.State)}`,
    ...(Status.Message ? [` Message:              \t${capitalized(Status.Message)}`] : []),
    ` Availability:         \t${capitalized(Spec.Availability)}`,
    ...(Status.Addr ? [` Address:\t\t${Status.Addr}`] : []),
    ...(ManagerStatus
      ? [
          'Manager Status:',
          ` Address:\t\t${ManagerStatus.Addr ?? ''}`,
          ` Raft Status:\t\t${capitalized(ManagerStatus.Reachability)}`,
          ` Leader:\t\t${ManagerStatus.Leader ? 'Yes' : 'No'}`,
        ]
      : []),
    'Platform:',
    ` Operating System:\t${Platform?.OS ?? ''}`,
    ` Architecture:\t\t${Platform?.Architecture ?? ''}`,
    'Resources:',
    ` CPUs:\t\t\t${Math.trunc((Resources?.NanoCPUs ?? 0) / 1e9)}`,
    ` Memory:\t\t${binarySize(Resources?.MemoryBytes ?? 0)}`,
    ...(kinds.length > 0 ? ['Plugins:'] : []),
    ...kinds.map((kind) => {
      const names = plugins.filter(({ Type }) => Type === kind).map(({ Name }) => Name);
      return ` ${kind}:\t\t${names.join(', ')}`;
    }),
    `Engine Version:\t\t${Engine?.EngineVersion ?? ''}`,
    ...(Engine?.Labels && Object.keys(Engine.Labels).length > 0
      ? ['Engine Labels:', ...Object.entries(Engine.Labels).map(([name, value]) => ` - ${name}=${value}`)]
      : []),
    ...(TLSInfo
      ? [
          'TLS Info:',
          ` TrustRoot:\n${TLSInfo.TrustRoot ?? ''}`,
          ` Issuer Subject:\t${TLSInfo.CertIssuerSubject ?? ''}`,
          ` Issuer Public Key:\t${TLSInfo.CertIssuerPublicKey ?? ''}`,
        ]
      : []),
    '',
  ].join('\n');
}
