import { z } from 'zod';

/** Sent by a process to its parent over IPC: `quittance up` starts its processes with a channel. */
export const supervisorMessage = z.object({ kind: z.literal('listening'), url: z.string() });

export type SupervisorMessage = z.output<typeof supervisorMessage>;

/** Does nothing when the process was started without a channel. */
export function notifySupervisor(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message);
}
