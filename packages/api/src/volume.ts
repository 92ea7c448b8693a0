import { type Decoded, empty, integer, list, map, object, optional, string } from './shape.ts';

const topologies = list(object({ Segments: map(string) }));

/** What a volume that a Swarm manages is to be like. */
const clusterVolumeSpec = optional(
  object({
    Group: string,
    AccessMode: optional(
      object({
        Scope: string,
        Sharing: string,
        MountVolume: optional(object({ FsType: string, MountFlags: list(string) })),
        BlockVolume: optional(empty),
      }),
    ),
    AccessibilityRequirements: optional(object({ Requisite: topologies, Preferred: topologies })),
    CapacityRange: optional(object({ RequiredBytes: integer, LimitBytes: integer })),
    Secrets: list(object({ Key: string, Secret: string })),
    Availability: string,
  }),
);

/** The body of POST /volumes/create. */
export const volumeCreateBody = object({
  Name: string,
  Driver: string,
  DriverOpts: map(string),
  Labels: map(string),
  ClusterVolumeSpec: clusterVolumeSpec,
});
export type VolumeCreateBody = Decoded<typeof volumeCreateBody>;

/** The body of PUT /volumes/{name}. */
export const volumeUpdateBody = object({ Spec: clusterVolumeSpec });

export interface Volume {
  CreatedAt: string;
  Driver: string;
  Labels: Record<string, string> | null;
  /** Path on the host. */
  Mountpoint: string;
  Name: string;
  Options: Record<string, string> | null;
  Scope: string;
  /** Only in GET /system/df; -1 for what is not known. */
  UsageData?: { RefCount: number; Size: number };
  /** Only of volumes that a Swarm manages. */
  ClusterVolume?: {
    Spec: { Group?: string; Availability?: string };
    Version?: { Index?: number };
    Info?: { VolumeID?: string } | null;
    PublishStatus?: { State?: string }[] | null;
  } | null;
}

export interface VolumeListAnswer {
  Volumes: Volume[] | null;
  Warnings: string[] | null;
}

export interface VolumePruneAnswer {
  VolumesDeleted: string[] | null;
  SpaceReclaimed: number;
}
