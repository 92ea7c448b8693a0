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
  let since = Date.now();
  const timer = setInterval(
    () => {
      const { connections, running } = activity();
      if (connections.open > 0 || running > 0 || connections.total !== last) {
        last = connections.total;
        since = Date.now();
      } else if (Date.now() - since >= seconds * 1000) {
        clearInterval(timer);
        onIdle();
      }
    },
    Math.min(seconds * 250, 5000),
  );
  timer.unref();
  return () => clearInterval(timer);
}
