import { startCharge } from '../../support/charge.js';
import { notifySupervisor } from '../../../services/shared/supervisor.js';

/** A gateway that answers at once, for ours and the floor alike. */
const charge = await startCharge();
notifySupervisor({ kind: 'listening', url: charge.root });
process.once('SIGTERM', () => void charge.close().then(() => process.disconnect()));
