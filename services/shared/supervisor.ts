import { z } from 'zod';

/** What a process tells the one that started it with an IPC channel, as `quittance up` does. */
export const supervisorMessage = z.object({ kind: z.literal('listening'), url: z.string() });

export type SupervisorMessage = z.output<typeof supervisorMessage>;

/** Nothing happens where nobody listens. */
export function tellSupervisor(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message);
}
