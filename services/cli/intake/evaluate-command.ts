import { createHash } from 'node:crypto';
import { businessClock } from '../../../domain/intake/business-clock.js';
import { evaluate } from '../../../domain/intake/evaluation/evaluate.js';
import { fixedRule, learnedRule, plainP95 } from '../../../domain/intake/evaluation/rules.js';
import { officeHours, problemOf } from '../../../domain/intake/opening-hours.js';
import { PRIOR } from '../../../domain/intake/thresholds/log-normal.js';
import type { Stay } from '../../../domain/intake/thresholds/stay.js';
import { readHistory } from '../../../engine/intake/thresholds/read-history.js';
import {
  readThresholdSettings,
  type ThresholdSettings,
} from '../../../engine/intake/thresholds/settings.js';
import { CommandError } from '../run-command.js';
import { withPool } from '../with-pool.js';
import { evaluationLines } from './evaluation-lines.js';
import { readStepsFile } from './steps-file.js';

export interface EvaluateCommand {
  readonly store?: string;
  readonly file?: string;
  readonly status: string;
  /** For a file. */
  readonly zone: string;
  readonly losses: number;
  readonly seed: number;
}

interface History {
  readonly of: string;
  readonly stays: readonly Stay[];
  readonly settings: ThresholdSettings;
}

export async function evaluateCommand(
  command: EvaluateCommand,
  say: (line: string) => void,
): Promise<void> {
  const { status, losses, seed } = command;
  const { of, stays, settings } = await historyOf(command);
  const rules = [learnedRule({ status, ...settings }), fixedRule(24), fixedRule(48), plainP95];
  const evaluation = evaluate(stays, rules, { losses, random: seededRandom(seed) });
  if (evaluation === undefined) {
    throw new CommandError(
      `${of}: ${stays.length} stays are too few to evaluate`,
      'it takes more than two weeks of orders, some of which have left the status',
    );
  }
  for (const line of evaluationLines(of, evaluation)) say(line);
}

async function historyOf({ store, file, status, zone }: EvaluateCommand): Promise<History> {
  if ((store === undefined) === (file === undefined)) {
    throw new CommandError('either --store or --file must be given', 'see --help');
  }
  if (file !== undefined) {
    const hours = officeHours(zone);
    const problem = problemOf(hours);
    if (problem !== undefined) throw new CommandError(problem, 'write it like Europe/Paris');
    const settings = { business: businessClock(hours), prior: PRIOR, budget: null };
    return { of: `${file}, ${status}`, stays: await readStepsFile(file, status), settings };
  }
  return withPool(async (pool) => {
    const settings = await readThresholdSettings(pool, store ?? '');
    if (settings === undefined) {
      throw new CommandError(`there is no store ${store ?? ''}`, 'GET /v1/stores lists them');
    }
    const stays = await readHistory(pool, store ?? '', status);
    return { of: `${store ?? ''}, ${status}`, stays, settings };
  });
}

/** The same numbers for the same seed. */
function seededRandom(seed: number): () => number {
  let n = 0;
  return () => {
    n += 1;
    return createHash('sha256').update(`${seed}/${n}`).digest().readUInt32BE() / 2 ** 32;
  };
}
