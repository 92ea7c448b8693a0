/** What a container uses, as GET /containers/{name}/stats tells of it. Times are in nanoseconds. */
export interface ContainerStats {
  read: string;
  preread: string;
  pids_stats: { current?: number; limit?: number };
  blkio_stats: BlockStats;
  num_procs: number;
  storage_stats: Record<string, never>;
  cpu_stats: CpuStats;
  precpu_stats: CpuStats;
  memory_stats: MemoryStats;
  name: string;
  id: string;
  /** Missing where the network is not its own. */
  networks?: Record<string, InterfaceStats>;
}

export interface CpuStats {
  cpu_usage: {
    total_usage: number;
    percpu_usage?: number[];
    usage_in_kernelmode: number;
    usage_in_usermode: number;
  };
  /** Of the whole machine. */
  system_cpu_usage?: number;
  online_cpus?: number;
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number };
}

export interface MemoryStats {
  usage?: number;
  /** With cgroups of version 1, as `failcnt`. */
  max_usage?: number;
  stats?: Record<string, number>;
  failcnt?: number;
  limit?: number;
}

export interface BlockEntry {
  major: number;
  minor: number;
  op: string;
  value: number;
}

/** Null for a container that does not run; only the first two are known to newer kernels. */
export interface BlockStats {
  io_service_bytes_recursive: BlockEntry[] | null;
  io_serviced_recursive: BlockEntry[] | null;
  io_queue_recursive: BlockEntry[] | null;
  io_service_time_recursive: BlockEntry[] | null;
  io_wait_time_recursive: BlockEntry[] | null;
  io_merged_recursive: BlockEntry[] | null;
  io_time_recursive: BlockEntry[] | null;
  sectors_recursive: BlockEntry[] | null;
}

export interface InterfaceStats {
  rx_bytes: number;
  rx_packets: number;
  rx_errors: number;
  rx_dropped: number;
  tx_bytes: number;
  tx_packets: number;
  tx_errors: number;
  tx_dropped: number;
}
