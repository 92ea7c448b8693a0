import { humanDuration } from './units.ts';

/** What an engine tells of the Swarm it is in. */
export interface SwarmPart {
  NodeID?: string;
  NodeAddr?: string;
  LocalNodeState?: string;
  ControlAvailable?: boolean;
  Error?: string;
  RemoteManagers?: { NodeID: string; Addr: string }[] | null;
  Nodes?: number;
  Managers?: number;
  Cluster?: ClusterPart | null;
}

interface ClusterPart {
  ID?: string;
  DefaultAddrPool?: string[] | null;
  SubnetSize?: number;
  DataPathPort?: number;
  RootRotationInProgress?: boolean;
  Spec?: {
    Orchestration?: { TaskHistoryRetentionLimit?: number };
    Raft?: {
      SnapshotInterval?: number;
      KeepOldSnapshots?: number;
      HeartbeatTick?: number;
      ElectionTick?: number;
    };
    Dispatcher?: { HeartbeatPeriod?: number };
    CAConfig?: {
      NodeCertExpiry?: number;
      ForceRotate?: number;
      SigningCACert?: string;
      ExternalCAs?: { Protocol: string; URL: string }[] | null;
    };
    EncryptionConfig?: { AutoLockManagers?: boolean };
  };
}

function clusterLines(swarm: SwarmPart, cluster: ClusterPart): string[] {
  const {
    Orchestration = {},
    Raft = {},
    Dispatcher = {},
    CAConfig = {},
    EncryptionConfig = {},
  } = cluster.Spec ?? {};
  const authorities = CAConfig.ExternalCAs ?? [];
  const certificate = (CAConfig.SigningCACert ?? '').trim();
  const period = (nanoseconds = 0) => humanDuration(nanoseconds / 1e9);
  return [
    `  ClusterID: ${cluster.ID ?? ''}`,
    `  Managers: ${swarm.Managers ?? 0}`,
    `  Nodes: ${swarm.Nodes ?? 0}`,
    ...(cluster.DefaultAddrPool
      ? [
          `  Default Address Pool: ${cluster.DefaultAddrPool.map((pool) => `${pool}  `).join('')}`,
          `  SubnetSize: ${cluster.SubnetSize ?? 0}`,
        ]
      : []),
    ...(cluster.DataPathPort ? [`  Data Path Port: ${cluster.DataPathPort}`] : []),
    '  Orchestration:',
    `   Task History Retention Limit: ${Orchestration.TaskHistoryRetentionLimit ?? 0}`,
    '  Raft:',
    `   Snapshot Interval: ${Raft.SnapshotInterval ?? 0}`,
    ...(Raft.KeepOldSnapshots === undefined
      ? []
      : [`   Number of Old Snapshots to Retain: ${Raft.KeepOldSnapshots}`]),
    `   Heartbeat Tick: ${Raft.HeartbeatTick ?? 0}`,
    `   Election Tick: ${Raft.ElectionTick ?? 0}`,
    '  Dispatcher:',
    `   Heartbeat Period: ${period(Dispatcher.HeartbeatPeriod)}`,
    '  CA Configuration:',
    `   Expiry Duration: ${period(CAConfig.NodeCertExpiry)}`,
    `   Force Rotate: ${CAConfig.ForceRotate ?? 0}`,
    ...(certificate === '' ? [] : [`   Signing CA Certificate: \n${certificate}\n`]),
    ...(authorities.length > 0
      ? ['   External CAs:', ...authorities.map(({ Protocol, URL }) => `     ${Protocol}: ${URL}`)]
      : []),
    `  Autolock Managers: ${EncryptionConfig.AutoLockManagers ?? false}`,
    `  Root Rotation In Progress: ${cluster.RootRotationInProgress ?? false}`,
  ];
}

/** The part of `info` that tells of a Swarm; nothing when the engine is in none. */
export function swarmLines(swarm: SwarmPart = {}): string[] {
  const state = swarm.LocalNodeState ?? '';
  if (state === '' || state === 'inactive' || state === 'locked') return [];
  const problem = swarm.Error ?? '';
  const manages = swarm.ControlAvailable && problem === '' && state !== 'error';
  const managers = (swarm.RemoteManagers ?? []).map(({ Addr }) => Addr).sort();
  return [
    `  NodeID: ${swarm.NodeID ?? ''}`,
    ...(problem === '' ? [] : [`  Error: ${problem}`]),
    `  Is Manager: ${swarm.ControlAvailable ?? false}`,
    ...(swarm.Cluster && manages ? clusterLines(swarm, swarm.Cluster) : []),
    `  Node Address: ${swarm.NodeAddr ?? ''}`,
    ...(managers.length > 0 ? ['  Manager Addresses:', ...managers.map((address) => `   ${address}`)] : []),
  ];
}
