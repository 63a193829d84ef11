const BEAT_MS = 3_000;

/** Shows Temporal that the process still works at an activity: of one that was killed another takes over soon. */
export type Heartbeat = () => void;

export async function beating<T>(heartbeat: Heartbeat, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(heartbeat, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
