import type {
  Delay,
  Evaluation,
  FalseAlarms,
  RuleResult,
} from '../../../domain/intake/evaluation/evaluate.js';
import { table } from '../table.js';

/** The evaluation for a person to read. */
export function evaluationLines(of: string, evaluation: Evaluation): string[] {
  const { weeks, scored, unfinished, losses, results } = evaluation;
  const alarms = [
    ['rule', 'tier', 'false alarms', '95 % interval', 'target', 'per day', 'per 100', 'method'],
    ...results.flatMap((result) => alarmRows(result, weeks * 7)),
  ];
  const delays = [
    ['rule', 'asked after: median', 'p90', 'told after: median', 'p90', 'found in 24 h', 'in 72 h'],
    ...results.map(delayRow),
  ];
  return [
    `${of}: ${scored} orders in ${weeks} weeks, each week scored by what was known before it; ${unfinished} not ended, left out`,
    '',
    'Orders that passed a threshold and left in the end:',
    ...table(alarms).split('\n'),
    '',
    `Updates lost on purpose (${losses}), hours by the wall from the loss on:`,
    ...table(delays).split('\n'),
  ];
}

function alarmRows(result: RuleResult, days: number): string[][] {
  const { rule, verify, alert, methods } = result;
  const row = (tier: string, alarms: FalseAlarms): string[] => [
    ...[rule, tier, `${percent(alarms.share)} (${alarms.count})`],
    `${percent(alarms.interval.low)} to ${percent(alarms.interval.high)}`,
    targetText(alarms),
    (alarms.count / days).toFixed(2),
    (alarms.share * 100).toFixed(1),
    methods.join(', '),
  ];
  if (rule !== 'learned') return [row('both', alert)];
  return [row('ask', verify), row('tell', alert)];
}

function targetText({ target, interval: { low, high } }: FalseAlarms): string {
  if (target === null) return '-';
  if (low > target) return `${percent(target)}, exceeded`;
  return `${percent(target)}, ${target > high ? 'not used up' : 'held'}`;
}

function delayRow(result: RuleResult): string[] {
  const { rule, verifyDelay, alertDelay, found24, found72 } = result;
  return [
    rule,
    ...delayTexts(verifyDelay),
    ...delayTexts(alertDelay),
    ...[percent(found24), percent(found72)],
  ];
}

function delayTexts(delay: Delay | null): [string, string] {
  return delay === null ? ['-', '-'] : [delay.median.toFixed(1), delay.p90.toFixed(1)];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
