import { parentPort, workerData } from 'node:worker_threads';
import { createPool } from '../../../db/pool.js';
import { recomputeDue } from '../../../engine/trust/nightly.js';
import { trustInput } from './compute-trust.js';

const { databaseUrl } = trustInput.parse(workerData);
const pool = createPool({
  connectionString: databaseUrl,
  // One has the lock.
  max: 3,
  applicationName: 'quittance-relay-trust',
  // The pool opens another.
  onError: () => undefined,
});
try {
  parentPort?.postMessage(await recomputeDue(pool));
} finally {
  await pool.end();
}
