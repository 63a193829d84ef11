import type { Connection } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { setTimeout as pause } from 'node:timers/promises';

export interface NamespaceSettings {
  readonly namespace: string;
  /** How long the histories of finished workflows are kept. */
  readonly retentionDays: number;
}

const DAY_SECONDS = 24 * 3600;
/** gRPC's numbers of a status. */
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
/** Temporal's frontends read the list of namespaces every few seconds. */
const VISIBLE_MS = 60_000;
const POLL_MS = 500;

/**
 * Makes the namespace where it is missing, and gives it this retention. Says what it did. An account at
 * Temporal Cloud may not make namespaces: it has to be there already.
 */
export async function ensureNamespace(
  connection: Connection,
  { namespace, retentionDays }: NamespaceSettings,
): Promise<'made' | 'changed' | 'unchanged'> {
  const service = connection.workflowService;
  const found = await describe(connection, namespace);
  const workflowExecutionRetentionTtl = proto.google.protobuf.Duration.fromObject({
    seconds: retentionDays * DAY_SECONDS,
  });
  if (found === undefined) {
    try {
      await service.registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: workflowExecutionRetentionTtl,
      });
    } catch (error) {
      // Another one was first.
      if (!hasStatus(error, ALREADY_EXISTS)) throw error;
    }
    await untilVisible(connection, namespace);
    return 'made';
  }
  if (found === retentionDays * DAY_SECONDS) return 'unchanged';
  await service.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
  return 'changed';
}

/** Its retention in seconds; undefined where there is no such namespace. */
async function describe(connection: Connection, namespace: string): Promise<number | undefined> {
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  } catch (error) {
    if (hasStatus(error, NOT_FOUND)) return undefined;
    throw error;
  }
}

async function untilVisible(connection: Connection, namespace: string): Promise<void> {
  const until = performance.now() + VISIBLE_MS;
  for (;;) {
    try {
      await connection.operatorService.listSearchAttributes({ namespace });
      return;
    } catch (error) {
      if (!hasStatus(error, NOT_FOUND) || performance.now() > until) throw error;
      await pause(POLL_MS);
    }
  }
}

function hasStatus(error: unknown, status: number): boolean {
  if (!isGrpcServiceError(error)) return false;
  const code: number = error.code;
  return code === status;
}
