import { createNotifier } from '../../../db/notifier.js';
import type { IntakeContext } from '../../../engine/intake/context.js';
import { loadConfigPart } from '../../shared/config.js';
import { createIntakeContext } from '../../shared/intake-context.js';
import { withPool } from '../with-pool.js';

/** With the context of order intake, as the processes have it. */
export function withIntake(work: (context: IntakeContext) => Promise<void>): Promise<void> {
  const config = loadConfigPart(['QUITTANCE_STORE_KEY', 'QUITTANCE_SECRET', 'QUITTANCE_API_URL']);
  return withPool((pool) => {
    const outboxChanged = createNotifier(pool, () => undefined);
    return work(createIntakeContext(config, { pool, outboxChanged }));
  });
}
