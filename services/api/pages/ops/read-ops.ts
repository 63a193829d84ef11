import type { NodeBalance, NodeInfo } from '../../../../adapters/lightning/port.js';
import { type AuditRow, readAudit } from '../../../../engine/audit.js';
import { readMaintenance } from '../../../../engine/maintenance-mode.js';
import { type DoctorReport, readDoctorReport } from '../../../../engine/operator/doctor-reports.js';
import { type LateCall, readLateCalls } from '../../../../engine/operator/read-late-calls.js';
import { type OutboxSummary, summarizeOutbox } from '../../../../engine/operator/read-outbox.js';
import { readStuck, type StuckProcess } from '../../../../engine/operator/read-stuck.js';
import type { ApiDeps } from '../../deps.js';
import type { ConsumerView, LetterView } from './streams-view.js';

/** How long NATS and the node may take, in milliseconds: the page is shown without what they did not say. */
const PATIENCE_MS = 800;
const SHOWN = 50;

export type Asked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** Everything on the operators' page, each part bounded. */
export interface OpsView {
  readonly maintenance: { readonly since: Date; readonly because: string } | undefined;
  readonly stuck: readonly StuckProcess[];
  readonly calls: readonly LateCall[];
  readonly outbox: readonly OutboxSummary[];
  readonly letters: Asked<{ readonly letters: readonly LetterView[]; readonly all: number }>;
  readonly consumers: Asked<readonly ConsumerView[]>;
  readonly node: Asked<NodeInfo & NodeBalance>;
  readonly doctor: DoctorReport | undefined;
  readonly audit: readonly AuditRow[];
}

export async function readOps({ reads, engine, streams }: ApiDeps): Promise<OpsView> {
  const overNats = streams ?? NONE;
  const [maintenance, stuck, calls, outbox, doctor, audit, letters, consumers, node] =
    await Promise.all([
      readMaintenance(reads),
      readStuck(reads, undefined, SHOWN),
      readLateCalls(reads, SHOWN),
      summarizeOutbox(reads),
      readDoctorReport(reads),
      readAudit(reads, { limit: 20 }),
      asked(() => overNats.deadLetters(SHOWN)),
      asked(() => overNats.consumers()),
      asked(async () => ({ ...(await engine.node.info()), ...(await engine.node.balance()) })),
    ]);
  return { maintenance, stuck, calls, outbox, doctor, audit, letters, consumers, node };
}

const NONE: NonNullable<ApiDeps['streams']> = {
  deadLetters: () => Promise.reject(new Error('this process has no connection to NATS')),
  replay: () => Promise.reject(new Error('this process has no connection to NATS')),
  consumers: () => Promise.reject(new Error('this process has no connection to NATS')),
};

async function asked<T>(ask: () => Promise<T>): Promise<Asked<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
  });
  try {
    return { ok: true, value: await Promise.race([ask(), late]) };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
