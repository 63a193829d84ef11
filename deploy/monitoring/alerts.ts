import type { Alert } from './alert.js';

const money: readonly Alert[] = [
  {
    name: 'QuittanceLoss',
    expr: 'increase(quittance_losses_msat[1h]) > 0 or (quittance_losses_msat > 0 unless quittance_losses_msat offset 1h)',
    ...{ for: '0m', severity: 'page', runbook: 'what-is-stuck' },
    summary: 'Money was paid out that did not come in: {{ $value }} msat.',
  },
  {
    name: 'QuittanceForgottenPayment',
    expr: 'max(quittance_forgotten_payment_seconds) > 0',
    ...{ for: '1m', severity: 'page', runbook: 'what-is-stuck' },
    summary:
      'The node does not know a payment that it had begun: the wrong node, or one restored from a backup.',
  },
  {
    name: 'QuittanceUnansweredSend',
    expr: 'max(quittance_unanswered_send_seconds) > 60',
    ...{ for: '2m', severity: 'page', runbook: 'what-is-stuck' },
    summary: 'A send has had no answer for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'QuittanceHeldTooLong',
    expr: 'max(quittance_held_seconds) > 60',
    ...{ for: '1m', severity: 'page', runbook: 'what-is-stuck' },
    summary:
      'Money is held that the node has not settled or canceled for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'QuittancePaymentInFlight',
    expr: 'max(quittance_payment_in_flight_seconds) > 3600',
    ...{ for: '1m', severity: 'ticket', runbook: 'what-is-stuck' },
    summary: 'A payment has been in flight for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'QuittanceFewBlocksLeft',
    expr: 'min(quittance_lightning_blocks_left) < 30',
    ...{ for: '0m', severity: 'page', runbook: 'what-is-stuck' },
    summary: 'The money that pays for a payment in flight is given back in {{ $value }} blocks.',
  },
  {
    name: 'QuittanceOverdue',
    expr: 'max by (machine) (quittance_oldest_overdue_seconds) > 60',
    ...{ for: '2m', severity: 'page', runbook: 'what-is-stuck' },
    summary: 'The oldest overdue {{ $labels.machine }} is {{ $value | humanizeDuration }} late.',
  },
  {
    name: 'QuittanceForgedMessages',
    expr: 'sum by (stream) (increase(quittance_messages_total{result="unverified"}[15m])) > 0',
    ...{ for: '0m', severity: 'page', runbook: 'keys' },
    summary: 'Messages of {{ $labels.stream }} carry a wrong signature: somebody forges them.',
  },
  {
    name: 'QuittanceUnknownKey',
    expr: 'sum by (stream) (increase(quittance_messages_total{result="unknown_key"}[10m])) > 0',
    ...{ for: '10m', severity: 'ticket', runbook: 'keys' },
    summary:
      'Messages of {{ $labels.stream }} are signed with a key that relays do not know: a rotation is not finished.',
  },
];

const node: readonly Alert[] = [
  {
    name: 'QuittanceNodeTrouble',
    expr: 'max by (trouble) (quittance_lightning_node_trouble) > 0',
    ...{ for: '1m', severity: 'page', runbook: 'what-to-watch' },
    summary: 'The Lightning node is not what it must be: {{ $labels.trouble }}.',
  },
  {
    name: 'QuittanceNodeUnavailable',
    expr: 'sum(increase(quittance_node_calls_total{result="unavailable"}[5m])) > 5',
    ...{ for: '2m', severity: 'page', runbook: 'what-to-watch' },
    summary: 'Calls to the Lightning node do not arrive.',
  },
  {
    name: 'QuittanceNodeRegistryFrozen',
    expr: 'min(quittance_lightning_registry_seconds) > 45',
    ...{ for: '0m', severity: 'page', runbook: 'what-to-watch' },
    summary: "The node's registry of invoices has not answered for {{ $value }} s: restart lnd.",
  },
  {
    name: 'QuittanceLiquidityLow',
    expr: 'min by (direction) (quittance_lightning_liquidity_msat) / scalar(sum(max by (direction) (quittance_lightning_liquidity_msat))) < 0.1',
    ...{ for: '10m', severity: 'ticket', runbook: 'what-to-watch' },
    summary:
      'The channels can {{ $labels.direction }} only {{ $value | humanizePercentage }} of what they hold.',
  },
  {
    name: 'QuittanceNobodyWatchesTheNode',
    expr: 'sum(quittance_lightning_watching) < 1 or absent(quittance_lightning_watching)',
    ...{ for: '2m', severity: 'page', runbook: 'processes' },
    summary: 'No process watches the Lightning node: payments are seen only when it is asked.',
  },
];

const flow: readonly Alert[] = [
  {
    name: 'QuittanceOutboxLag',
    expr: 'max by (destination) (quittance_outbox_lag_seconds) > 5',
    ...{ for: '2m', severity: 'page', runbook: 'what-to-watch' },
    summary: 'The outbox to {{ $labels.destination }} is {{ $value | humanizeDuration }} behind.',
  },
  {
    name: 'QuittanceWorkflowsNotStarted',
    expr: 'max(quittance_oldest_unstarted_workflow_seconds) > 30',
    ...{ for: '5m', severity: 'ticket', runbook: 'what-to-watch' },
    summary: 'The oldest start of a workflow has waited for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'QuittanceMessagesWait',
    expr: 'max by (stream, consumer) (quittance_consumer_lag) > 1000 and max by (stream, consumer) (deriv(quittance_consumer_lag[10m])) > 0',
    ...{ for: '10m', severity: 'page', runbook: 'what-to-watch' },
    summary:
      '{{ $value }} messages of {{ $labels.stream }} wait at {{ $labels.consumer }}, and more come than go.',
  },
  {
    name: 'QuittanceDeadLetters',
    expr: 'max(quittance_dead_letters) > 0',
    ...{ for: '5m', severity: 'ticket', runbook: 'dead-letters' },
    summary: '{{ $value }} messages could not be read or were refused.',
  },
  {
    name: 'QuittanceDatabaseConnections',
    expr: 'max by (pod, instance, pool) (min_over_time(quittance_db_waiting[1m])) > 0',
    ...{ for: '2m', severity: 'page', runbook: 'what-to-watch' },
    summary: 'Callers wait for connections of the pool {{ $labels.pool }}.',
  },
  {
    name: 'QuittanceTablesGrow',
    expr: 'max by (table) (quittance_rotation_overdue_seconds) > 21600',
    ...{ for: '5m', severity: 'ticket', runbook: 'tables-that-only-grow' },
    summary:
      'Rows of {{ $labels.table }} should have been dropped {{ $value | humanizeDuration }} ago.',
  },
  {
    name: 'QuittanceProcessDown',
    expr: 'up{job=~".*quittance.*"} == 0',
    ...{ for: '2m', severity: 'ticket', runbook: 'processes' },
    summary: '{{ $labels.instance }} does not answer.',
  },
  {
    name: 'QuittanceServerErrors',
    expr: 'sum(rate(quittance_http_request_seconds_count{status=~"5.."}[5m])) / sum(rate(quittance_http_request_seconds_count[5m])) > 0.01',
    ...{ for: '5m', severity: 'page', runbook: 'what-to-watch' },
    summary: '{{ $value | humanizePercentage }} of the requests are answered with 5xx.',
  },
];

const temporal: readonly Alert[] = [
  {
    name: 'QuittanceWorkflowDoesNotReplay',
    expr: 'sum by (task_queue, workflow_type) (increase(temporal_workflow_task_execution_failed_total{failure_reason="NonDeterminismError"}[10m])) > 0',
    ...{ for: '0m', severity: 'page', runbook: 'a-release-whose-workflows-do-not-replay' },
    summary: 'Histories of {{ $labels.workflow_type }} do not replay on this release.',
  },
  {
    name: 'QuittanceWorkflowTasksFail',
    expr: 'sum by (task_queue, workflow_type) (increase(temporal_workflow_task_execution_failed_total{failure_reason!="NonDeterminismError"}[10m])) > 0',
    ...{ for: '10m', severity: 'ticket', runbook: 'what-to-watch' },
    summary: 'Workflow tasks of {{ $labels.workflow_type }} fail.',
  },
  {
    name: 'QuittanceWorkflowTasksWait',
    expr: 'histogram_quantile(0.95, sum by (task_queue, le) (rate(temporal_workflow_task_schedule_to_start_latency_seconds_bucket[5m]))) > 1',
    ...{ for: '5m', severity: 'ticket', runbook: 'what-to-watch' },
    summary:
      'Workflow tasks of {{ $labels.task_queue }} wait for a worker: p95 {{ $value | humanizeDuration }}.',
  },
  {
    name: 'QuittanceNoFreeSlots',
    expr: 'min by (task_queue, worker_type) (max_over_time(temporal_worker_task_slots_available[1m])) == 0',
    ...{ for: '3m', severity: 'ticket', runbook: 'what-to-watch' },
    summary: 'Workers of {{ $labels.task_queue }} have no free slot for {{ $labels.worker_type }}.',
  },
];

export const ALERTS: readonly Alert[] = [...money, ...node, ...flow, ...temporal];

/** A rules file of Prometheus; also the spec of a PrometheusRule. JSON is YAML. */
export function alertRules(): string {
  const rules = ALERTS.map(({ name, expr, for: lasting, severity, summary, runbook }) => ({
    alert: name,
    expr,
    ...(lasting === '0m' ? {} : { for: lasting }),
    labels: { severity },
    annotations: { summary, runbook: `docs/operations.md#${runbook}` },
  }));
  return `${JSON.stringify({ groups: [{ name: 'quittance', rules }] }, null, 2)}\n`;
}
