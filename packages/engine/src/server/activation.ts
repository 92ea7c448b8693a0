const firstInherited = 3;

/**
 * Descriptors of the sockets that systemd (or who else speaks its protocol) opened for the process `pid`. Their
 * number survives a change of process in DAVITD_LISTEN_FDS, as LISTEN_PID then names another one.
 */
export function inheritedSockets(env: NodeJS.ProcessEnv, pid: number): number[] {
  const told = env.LISTEN_PID === String(pid) ? env.LISTEN_FDS : env.DAVITD_LISTEN_FDS;
  const count = /^\d{1,3}$/.test(told ?? '') ? Number(told) : 0;
  return Array.from({ length: count }, (_, index) => firstInherited + index);
}
