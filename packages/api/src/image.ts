import { boolean, type Decoded, empty, integer, list, map, object, optional, string } from './shape.ts';

/** Config of an image: what its containers run unless they are told otherwise. */
export interface ImageConfig {
  User?: string;
  ExposedPorts?: Record<string, Record<string, never>>;
  Env?: string[] | null;
  Cmd?: string[] | null;
  Entrypoint?: string[] | null;
  Volumes?: Record<string, Record<string, never>> | null;
  WorkingDir?: string;
  Labels?: Record<string, string> | null;
  StopSignal?: string;
  OnBuild?: string[] | null;
  Shell?: string[] | null;
  ArgsEscaped?: boolean;
  Healthcheck?: {
    Test?: string[];
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    StartInterval?: number;
    Retries?: number;
  } | null;
}

export interface ImageSummary {
  Id: string;
  ParentId: string;
  RepoTags: string[];
  RepoDigests: string[];
  /** Unix time in seconds. */
  Created: number;
  Size: number;
  SharedSize: number;
  VirtualSize?: number;
  Labels: Record<string, string> | null;
  Containers: number;
}

export interface ImageInspect {
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  Created: string;
  DockerVersion: string;
  Author: string;
  Config: ImageConfig | null;
  Architecture: string;
  Variant?: string;
  Os: string;
  Size: number;
  VirtualSize?: number;
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  RootFS: { Type: string; Layers?: string[] };
  Metadata: { LastTagTime: string };
}

/** One line of the answer to DELETE /images: a name that was taken away, or an image that is gone. */
export interface ImageDeleteItem {
  Untagged?: string;
  Deleted?: string;
}

const healthcheck = object({
  Test: list(string),
  Interval: integer,
  Timeout: integer,
  StartPeriod: integer,
  StartInterval: integer,
  Retries: integer,
});

/** The configuration file of an image (OCI and docker), whose digest is the image's ID. */
export const imageFile = object({
  architecture: string,
  os: string,
  variant: string,
  created: string,
  author: string,
  comment: string,
  docker_version: string,
  config: optional(
    object({
      User: string,
      ExposedPorts: map(empty),
      Env: list(string),
      Cmd: list(string),
      Entrypoint: list(string),
      Volumes: map(empty),
      WorkingDir: string,
      Labels: map(string),
      StopSignal: string,
      OnBuild: list(string),
      Shell: list(string),
      ArgsEscaped: boolean,
      Healthcheck: optional(healthcheck),
    }),
  ),
  rootfs: object({ type: string, diff_ids: list(string) }),
  history: list(
    object({ created: string, created_by: string, author: string, comment: string, empty_layer: boolean }),
  ),
});
export type ImageFile = Decoded<typeof imageFile>;

/** One step of an image's history. */
export interface ImageHistoryItem {
  Id: string;
  /** Unix time in seconds. */
  Created: number;
  CreatedBy: string;
  Tags: string[] | null;
  Size: number;
  Comment: string;
}

export interface ImagePruneAnswer {
  ImagesDeleted: ImageDeleteItem[] | null;
  SpaceReclaimed: number;
}
