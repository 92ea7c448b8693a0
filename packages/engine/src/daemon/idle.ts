/** What keeps an engine from being idle. */
export interface Activity {
  connections: { open: number; total: number };
  running: number;
}

/**
 * Calls `onIdle` once nothing has happened for `seconds`: no connection is open or was, no container runs.
 * Returns how to stop watching.
 */
export function watchIdleness(seconds: number, activity: () => Activity, onIdle: () => void): () => void {
  if (seconds <= 0) return () => undefined;
  let last = activity().connections.total;
  let since: number | null = null;
  const timer = setInterval(
    () => {
      const { connections, running } = activity();
      const busy = connections.open > 0 || running > 0 || connections.total !== last;
      last = connections.total;
      if (busy) since = null;
      else since ??= Date.now();
      if (since === null || Date.now() - since < seconds * 1000) return;
      clearInterval(timer);
      onIdle();
    },
    Math.min(seconds * 250, 5000),
  );
  timer.unref();
  return () => clearInterval(timer);
}
