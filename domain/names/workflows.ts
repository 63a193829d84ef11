/** Workflow types, their ids and queues: the only place where they are spelled. */
export const TASK_QUEUES = {
  actions: 'actions',
  transmissions: 'transmissions',
  intake: 'intake',
  effects: 'effects',
} as const;
export type TaskQueue = keyof typeof TASK_QUEUES;

export const WORKFLOW_QUEUES = {
  paidAction: TASK_QUEUES.actions,
  transmissionOrder: TASK_QUEUES.transmissions,
  creditsRebuild: TASK_QUEUES.effects,
  store: TASK_QUEUES.intake,
  territory: TASK_QUEUES.actions,
  ephemeralItem: TASK_QUEUES.effects,
  reminder: TASK_QUEUES.effects,
} as const satisfies Record<string, TaskQueue>;
export type WorkflowType = keyof typeof WORKFLOW_QUEUES;

/** The one signal: read your row again. Its argument says why, for the reader of the history only. */
export const WAKE_SIGNAL = 'wake';

export function actionWorkflowId(actionId: string, attempt: number): string {
  return `action/${actionId}/${attempt}`;
}

export function orderWorkflowId(orderId: string): string {
  return `order/${orderId}`;
}

export function storeWorkflowId(store: string): string {
  return `store/${store}`;
}

export function territoryWorkflowId(territory: string): string {
  return `territory/${territory}`;
}

/** Of what a text asks to be done later. */
export const ITEM_TIMER_WORKFLOWS = {
  DELETE: 'ephemeralItem',
  REMIND: 'reminder',
} as const satisfies Record<string, WorkflowType>;

export function itemTimerWorkflowId(
  kind: keyof typeof ITEM_TIMER_WORKFLOWS,
  timer: string,
): string {
  return `${kind === 'DELETE' ? 'ephemeral-item' : 'reminder'}/${timer}`;
}

/** One at a time per ledger; a dry run beside it does no harm. */
export function creditsRebuildWorkflowId(ledger: string, dryRun: boolean): string {
  return `credits-rebuild/${ledger}${dryRun ? '/dry-run' : ''}`;
}

/** A query of `creditsRebuild`: how far it is. */
export const PROGRESS_QUERY = 'progress';

/** Whose workflow it is, read back from its id; nothing for an id of another form. */
export function subjectOfWorkflow(workflowId: string): {
  readonly actionId?: string;
  readonly orderId?: string;
} {
  const [kind, id] = workflowId.split('/', 2);
  if (id === undefined) return {};
  if (kind === 'action') return { actionId: id };
  return kind === 'order' ? { orderId: id } : {};
}
