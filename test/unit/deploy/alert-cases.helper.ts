/** Series, sampled every minute, that let an alert fire. promtool's notation: a+bxn. */
export interface Series {
  readonly series: string;
  readonly values: string;
}

const steady = (series: string, value: number): Series => ({ series, values: `${value}x90` });
const growing = (series: string, by: number): Series => ({ series, values: `0+${by}x90` });
const calls = (result: string): string =>
  `quittance_node_calls_total{kind="settle",result="${result}"}`;
const requests = (status: string): string =>
  `quittance_http_request_seconds_count{status="${status}"}`;
const failed = (reason: string): string =>
  `temporal_workflow_task_execution_failed_total{task_queue="actions",workflow_type="paidAction",failure_reason="${reason}"}`;
const waited = (le: string): string =>
  `temporal_workflow_task_schedule_to_start_latency_seconds_bucket{task_queue="actions",le="${le}"}`;
const liquidity = (direction: string): string =>
  `quittance_lightning_liquidity_msat{direction="${direction}"}`;
const free =
  'temporal_worker_task_slots_available{task_queue="actions",worker_type="WorkflowWorker"}';

/** By the name of the alert. */
export const FIRING: Readonly<Record<string, readonly Series[]>> = {
  QuittanceLoss: [{ series: 'quittance_losses_msat', values: '0x30 5000x60' }],
  QuittanceForgottenPayment: [growing('quittance_forgotten_payment_seconds', 60)],
  QuittanceUnansweredSend: [growing('quittance_unanswered_send_seconds', 60)],
  QuittanceHeldTooLong: [growing('quittance_held_seconds', 60)],
  QuittancePaymentInFlight: [growing('quittance_payment_in_flight_seconds', 60)],
  QuittanceFewBlocksLeft: [steady('quittance_lightning_blocks_left{of="held"}', 29)],
  QuittanceNodeRegistryFrozen: [growing('quittance_lightning_registry_seconds', 60)],
  QuittanceLiquidityLow: [
    steady(liquidity('send'), 9_000_000),
    steady(liquidity('receive'), 91_000_000),
  ],
  QuittanceTablesGrow: [
    steady('quittance_rotation_overdue_seconds{table="applied_messages"}', 22_000),
  ],
  QuittanceOverdue: [growing('quittance_oldest_overdue_seconds{machine="attempt"}', 60)],
  QuittanceForgedMessages: [
    growing('quittance_messages_total{stream="PAYMENTS",result="unverified"}', 1),
  ],
  QuittanceUnknownKey: [
    growing('quittance_messages_total{stream="PAYMENTS",result="unknown_key"}', 3),
  ],
  QuittanceNodeTrouble: [steady('quittance_lightning_node_trouble{trouble="locked"}', 1)],
  QuittanceNodeUnavailable: [growing(calls('unavailable'), 5)],
  QuittanceNobodyWatchesTheNode: [steady('quittance_lightning_watching{pod="a"}', 0)],
  QuittanceOutboxLag: [growing('quittance_outbox_lag_seconds{destination="nats"}', 60)],
  QuittanceWorkflowsNotStarted: [growing('quittance_oldest_unstarted_workflow_seconds', 60)],
  QuittanceMessagesWait: [
    growing('quittance_consumer_lag{stream="PAYMENTS",consumer="relay-payments"}', 500),
  ],
  QuittanceDeadLetters: [steady('quittance_dead_letters', 2)],
  QuittanceDatabaseConnections: [steady('quittance_db_waiting{instance="a",pool="payments"}', 3)],
  QuittanceProcessDown: [steady('up{job="quittance",instance="a"}', 0)],
  QuittanceServerErrors: [growing(requests('200'), 100), growing(requests('503'), 10)],
  QuittanceWorkflowDoesNotReplay: [growing(failed('NonDeterminismError'), 1)],
  QuittanceWorkflowTasksFail: [growing(failed('WorkflowError'), 1)],
  QuittanceWorkflowTasksWait: [
    growing(waited('1'), 10),
    growing(waited('5'), 100),
    growing(waited('+Inf'), 100),
  ],
  QuittanceNoFreeSlots: [steady(free, 0)],
};

/** An hour and a half in which all is well: nothing fires. */
export const QUIET: readonly Series[] = [
  steady('quittance_losses_msat', 700),
  steady('quittance_forgotten_payment_seconds', 0),
  steady('quittance_unanswered_send_seconds', 1),
  steady('quittance_held_seconds', 2),
  steady('quittance_rotation_overdue_seconds{table="outbox_delivered"}', 600),
  steady('quittance_payment_in_flight_seconds', 600),
  steady('quittance_lightning_blocks_left{of="held"}', 62),
  steady('quittance_lightning_registry_seconds', 29),
  steady(liquidity('send'), 40_000_000),
  steady(liquidity('receive'), 60_000_000),
  steady('quittance_oldest_overdue_seconds{machine="attempt"}', 4),
  growing('quittance_messages_total{stream="PAYMENTS",result="applied"}', 40),
  steady('quittance_messages_total{stream="PAYMENTS",result="unverified"}', 3),
  steady('quittance_lightning_node_trouble{trouble="locked"}', 0),
  growing(calls('ok'), 20),
  steady(calls('unavailable'), 9),
  steady('quittance_lightning_watching{pod="a"}', 1),
  steady('quittance_lightning_watching{pod="b"}', 0),
  steady('quittance_outbox_lag_seconds{destination="nats"}', 0.4),
  steady('quittance_oldest_unstarted_workflow_seconds', 2),
  steady('quittance_consumer_lag{stream="PAYMENTS",consumer="relay-payments"}', 12),
  steady('quittance_dead_letters', 0),
  { series: 'quittance_db_waiting{instance="a",pool="payments"}', values: '0 3 0 0 1 0 0x84' },
  steady('up{job="quittance",instance="a"}', 1),
  growing(requests('200'), 1000),
  growing(requests('404'), 100),
  growing(requests('503'), 1),
  steady(failed('NonDeterminismError'), 2),
  growing(waited('1'), 100),
  growing(waited('5'), 100),
  growing(waited('+Inf'), 100),
  steady(free, 37),
];
