/** Workflow types, their ids and queues: the only place where they are spelled. */
export const TASK_QUEUES = { actions: 'actions', transmissions: 'transmissions' } as const;
export type TaskQueue = keyof typeof TASK_QUEUES;

export const WORKFLOW_QUEUES = {
  paidAction: TASK_QUEUES.actions,
  transmissionOrder: TASK_QUEUES.transmissions,
} as const satisfies Record<string, TaskQueue>;
export type WorkflowType = keyof typeof WORKFLOW_QUEUES;

/** The one signal: look at your row again. It carries nothing. */
export const WAKE_SIGNAL = 'wake';

export function actionWorkflowId(actionId: string, attempt: number): string {
  return `action/${actionId}/${attempt}`;
}

export function orderWorkflowId(orderId: string): string {
  return `order/${orderId}`;
}
