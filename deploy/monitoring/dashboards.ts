/** Dashboards of Grafana, made here so that one table names what is shown; `npm run docs` writes the files. */
export interface Dashboard {
  readonly name: string;
  readonly json: string;
}

interface Panel {
  readonly title: string;
  /** What to look for. */
  readonly help: string;
  readonly queries: readonly Query[];
  readonly unit?: 's' | 'msat' | 'percentunit' | 'ops' | 'short';
}

interface Query {
  readonly expr: string;
  readonly legend: string;
}

const quantile = (p: number, metric: string, by: string): string =>
  `histogram_quantile(${p}, sum by (le, ${by}) (rate(${metric}_bucket[$__rate_interval])))`;

const overview: readonly Panel[] = [
  {
    title: 'Overdue',
    help: 'How long the oldest attempt or order is late. Above a minute somebody has to look.',
    queries: [
      { expr: 'max by (machine) (quittance_oldest_overdue_seconds)', legend: '{{machine}}' },
    ],
    unit: 's',
  },
  {
    title: 'Losses',
    help: 'Paid out and not received. Must not grow.',
    queries: [{ expr: 'max(quittance_losses_msat)', legend: 'losses' }],
    unit: 'msat',
  },
  {
    title: 'Messages applied',
    help: 'Payments and confirmations, by result.',
    queries: [
      {
        expr: 'sum by (result) (rate(quittance_messages_total[$__rate_interval]))',
        legend: '{{result}}',
      },
    ],
    unit: 'ops',
  },
  {
    title: 'Requests',
    help: 'By status. 4xx are the callers’, 5xx ours.',
    queries: [
      {
        expr: 'sum by (status) (rate(quittance_http_request_seconds_count[$__rate_interval]))',
        legend: '{{status}}',
      },
    ],
    unit: 'ops',
  },
  {
    title: 'Latency of requests, p99',
    help: 'By route.',
    queries: [
      { expr: quantile(0.99, 'quittance_http_request_seconds', 'route'), legend: '{{route}}' },
    ],
    unit: 's',
  },
  {
    title: 'Dead letters',
    help: 'Wait for somebody: quittance deadletters list.',
    queries: [{ expr: 'max(quittance_dead_letters)', legend: 'dead letters' }],
  },
];

const flow: readonly Panel[] = [
  {
    title: 'Outbox, oldest overdue row',
    help: 'Above 5 s a relay or a destination is too slow.',
    queries: [
      { expr: 'max by (destination) (quittance_outbox_lag_seconds)', legend: '{{destination}}' },
    ],
    unit: 's',
  },
  {
    title: 'Outbox, delivered',
    help: 'Rows per second.',
    queries: [
      {
        expr: 'sum by (destination) (rate(quittance_outbox_delivered_total[$__rate_interval]))',
        legend: '{{destination}}',
      },
    ],
    unit: 'ops',
  },
  {
    title: 'Messages that wait',
    help: 'Per consumer. Growing: add relays.',
    queries: [
      {
        expr: 'max by (stream, consumer) (quittance_consumer_lag)',
        legend: '{{stream}} {{consumer}}',
      },
    ],
  },
  {
    title: 'Calls to the node',
    help: 'By kind and result; unavailable ones are made again.',
    queries: [
      {
        expr: 'sum by (kind, result) (rate(quittance_node_calls_total[$__rate_interval]))',
        legend: '{{kind}} {{result}}',
      },
    ],
    unit: 'ops',
  },
  {
    title: 'Calls to the node, p95',
    help: 'How long the node takes.',
    queries: [{ expr: quantile(0.95, 'quittance_node_call_seconds', 'kind'), legend: '{{kind}}' }],
    unit: 's',
  },
  {
    title: 'Connections to PostgreSQL in use',
    help: 'At the size of the pool for seconds: too few, or a lock.',
    queries: [
      {
        expr: 'max by (instance, pool) (quittance_db_connections_in_use)',
        legend: '{{instance}} {{pool}}',
      },
      {
        expr: 'max by (instance, pool) (quittance_db_waiting)',
        legend: 'wait: {{instance}} {{pool}}',
      },
    ],
  },
];

const workers: readonly Panel[] = [
  {
    title: 'Workflow tasks wait for a worker, p95',
    help: 'Above 1 s: add workers, or Temporal is behind.',
    queries: [
      {
        expr: quantile(
          0.95,
          'temporal_workflow_task_schedule_to_start_latency_seconds',
          'task_queue',
        ),
        legend: '{{task_queue}}',
      },
    ],
    unit: 's',
  },
  {
    title: 'Slots in use',
    help: 'The share of slots in use; the autoscaler goes by it.',
    queries: [
      {
        expr: 'sum by (task_queue, worker_type) (temporal_worker_task_slots_used) / sum by (task_queue, worker_type) (temporal_worker_task_slots_used + temporal_worker_task_slots_available)',
        legend: '{{task_queue}} {{worker_type}}',
      },
    ],
    unit: 'percentunit',
  },
  {
    title: 'Workflow tasks, execution p99',
    help: 'Long: replays, or a blocked thread.',
    queries: [
      {
        expr: quantile(0.99, 'temporal_workflow_task_execution_latency_seconds', 'workflow_type'),
        legend: '{{workflow_type}}',
      },
    ],
    unit: 's',
  },
  {
    title: 'Temporal behind',
    help: 'How long the oldest workflow task has waited; above 2 s starts of unpaid attempts wait.',
    queries: [{ expr: 'max by (queue) (quittance_temporal_backlog_seconds)', legend: '{{queue}}' }],
    unit: 's',
  },
  {
    title: 'Cached workflows',
    help: 'At its limit wakes cost replays.',
    queries: [{ expr: 'sum by (queue) (quittance_worker_cached_workflows)', legend: '{{queue}}' }],
  },
  {
    title: 'Memory',
    help: 'Resident, per process.',
    queries: [
      { expr: 'max by (instance) (process_resident_memory_bytes)', legend: '{{instance}}' },
    ],
  },
];

const DASHBOARDS = [
  { name: 'quittance-overview', title: 'Quittance: money and callers', panels: overview },
  { name: 'quittance-flow', title: 'Quittance: outbox, messages, node, database', panels: flow },
  { name: 'quittance-workers', title: 'Quittance: workers and Temporal', panels: workers },
] as const;

/** Every query, for the tests. */
export function dashboardQueries(): string[] {
  return DASHBOARDS.flatMap(({ panels }) =>
    panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
  );
}

export function dashboards(): Dashboard[] {
  return DASHBOARDS.map(({ name, title, panels }) => ({
    name,
    json: dashboard(name, title, panels),
  }));
}

const WIDTH = 12;
const HEIGHT = 8;

function dashboard(uid: string, title: string, panels: readonly Panel[]): string {
  const placed = panels.map(({ title: of, help, queries, unit = 'short' }, index) => ({
    ...{ id: index + 1, type: 'timeseries', title: of, description: help },
    datasource: { type: 'prometheus', uid: '${datasource}' },
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, number) => ({
      ...{ refId: String.fromCharCode(65 + number), expr, legendFormat: legend },
    })),
  }));
  const json = {
    ...{ uid, title, tags: ['quittance'], schemaVersion: 39, editable: true, refresh: '30s' },
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }],
    },
    panels: placed,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
