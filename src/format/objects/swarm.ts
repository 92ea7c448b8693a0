import { durationType } from '../go/time.ts';
import { basic, boolType, embedded, intType, pointerTo, sliceOf, stringType, structOf } from '../go/value.ts';
import { bytes, meta, named, optionalInt64, strings, texts } from './basic.ts';

const uint64Type = basic('uint', 'uint64');
const uint32Type = basic('uint', 'uint32');

const clusterSpec = structOf('swarm.Spec', {
  Annotations: embedded(structOf('swarm.Annotations', { Name: [stringType, ',omitempty'], Labels: texts })),
  Orchestration: [
    structOf('swarm.OrchestrationConfig', { TaskHistoryRetentionLimit: [optionalInt64, ',omitempty'] }),
    ',omitempty',
  ],
  Raft: [
    structOf('swarm.RaftConfig', {
      SnapshotInterval: [uint64Type, ',omitempty'],
      KeepOldSnapshots: [pointerTo(uint64Type), ',omitempty'],
      LogEntriesForSlowFollowers: [uint64Type, ',omitempty'],
      ElectionTick: intType,
      HeartbeatTick: intType,
    }),
    ',omitempty',
  ],
  Dispatcher: [
    structOf('swarm.DispatcherConfig', { HeartbeatPeriod: [durationType, ',omitempty'] }),
    ',omitempty',
  ],
  CAConfig: [
    structOf('swarm.CAConfig', {
      NodeCertExpiry: [durationType, ',omitempty'],
      ExternalCAs: [
        sliceOf(
          pointerTo(
            structOf('swarm.ExternalCA', {
              Protocol: named('swarm.ExternalCAProtocol'),
              URL: stringType,
              Options: [texts, ',omitempty'],
              CACert: stringType,
            }),
          ),
        ),
        ',omitempty',
      ],
      SigningCACert: [stringType, ',omitempty'],
      SigningCAKey: [stringType, ',omitempty'],
      ForceRotate: [uint64Type, ',omitempty'],
    }),
    ',omitempty',
  ],
  TaskDefaults: [
    structOf('swarm.TaskDefaults', {
      LogDriver: [
        pointerTo(
          structOf('swarm.Driver', { Name: [stringType, ',omitempty'], Options: [texts, ',omitempty'] }),
        ),
        ',omitempty',
      ],
    }),
    ',omitempty',
  ],
  EncryptionConfig: [structOf('swarm.EncryptionConfig', { AutoLockManagers: boolType }), ',omitempty'],
});

const cluster = structOf('swarm.ClusterInfo', {
  ID: stringType,
  Meta: embedded(meta),
  Spec: clusterSpec,
  TLSInfo: structOf('swarm.TLSInfo', {
    TrustRoot: [stringType, ',omitempty'],
    CertIssuerSubject: [bytes, ',omitempty'],
    CertIssuerPublicKey: [bytes, ',omitempty'],
  }),
  RootRotationInProgress: boolType,
  DefaultAddrPool: strings,
  SubnetSize: uint32Type,
  DataPathPort: uint32Type,
});

/** What an engine knows of the Swarm that it is in. */
export const swarm = structOf('swarm.Info', {
  NodeID: stringType,
  NodeAddr: stringType,
  LocalNodeState: named('swarm.LocalNodeState'),
  ControlAvailable: boolType,
  Error: stringType,
  RemoteManagers: sliceOf(structOf('swarm.Peer', { NodeID: stringType, Addr: stringType })),
  Nodes: [intType, ',omitempty'],
  Managers: [intType, ',omitempty'],
  Cluster: [pointerTo(cluster), ',omitempty'],
  Warnings: [strings, ',omitempty'],
});
