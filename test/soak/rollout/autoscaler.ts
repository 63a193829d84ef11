/** A horizontal autoscaler of Kubernetes, in the parts that can make it flap, and KEDA's trigger of the chart in front of it. */
export interface ScalingRules {
  readonly minimum: number;
  readonly maximum: number;
  /** `slotsInUsePercent` of the chart. */
  readonly slotsInUsePercent: number;
  /** Fewer replicas only if nothing within this time asked for more. The default of Kubernetes is five minutes. */
  readonly stabilizationMs: number;
}

/** Of Kubernetes: a ratio nearer to 1 changes nothing. */
const TOLERANCE = 0.1;

export class Autoscaler {
  readonly #asked: { readonly at: number; readonly replicas: number }[] = [];

  constructor(private readonly rules: ScalingRules) {}

  /** How many replicas there should be, by what the metrics of each of the present ones say. */
  decide(now: number, metrics: readonly string[]): number {
    const { minimum, maximum, slotsInUsePercent, stabilizationMs } = this.rules;
    const current = metrics.length;
    const wanted = (slotsInUse(metrics) * current * 100) / slotsInUsePercent;
    const ratio = wanted / current;
    const asked = Math.abs(ratio - 1) <= TOLERANCE ? current : Math.ceil(wanted);
    const replicas = Math.min(maximum, Math.max(minimum, asked));
    this.#asked.push({ at: now, replicas });
    const recent = this.#asked.filter(({ at }) => at >= now - stabilizationMs);
    return replicas >= current
      ? replicas
      : Math.min(current, Math.max(...recent.map((one) => one.replicas)));
  }
}

const SAMPLE = /^temporal_worker_task_slots_(used|available)\{([^}]*)\} (\S+)$/gm;

/** The share of slots in use, of the kind of task and queue that has the fewest left: 0 to 1. */
export function slotsInUse(metrics: readonly string[]): number {
  const sums = new Map<string, { used: number; all: number }>();
  for (const [, what, labels = '', value] of metrics.join('\n').matchAll(SAMPLE)) {
    const key = ['task_queue', 'worker_type'].map((name) => labelOf(labels, name)).join(' ');
    const sum = sums.get(key) ?? { used: 0, all: 0 };
    if (what === 'used') sum.used += Number(value);
    sum.all += Number(value);
    sums.set(key, sum);
  }
  return Math.max(0, ...[...sums.values()].map(({ used, all }) => (all === 0 ? 0 : used / all)));
}

function labelOf(labels: string, name: string): string {
  return new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
}
