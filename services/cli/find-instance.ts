import { loadConfigPart } from '../shared/config.js';
import { homeIn, type Instance, runningInstance } from './up/home.js';

/** The instance that `quittance up` runs in the folder of this environment. */
export function findInstance(): Promise<Instance | undefined> {
  const { dataDir } = loadConfigPart(['QUITTANCE_DATA_DIR']);
  return runningInstance(homeIn(dataDir));
}

const ADDRESSES = ['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS'];

/**
 * Lets a command find the running instance. Whoever names a server in the environment means that one: then nothing is added, so that
 * no command works on parts of two installations.
 */
export async function useInstance(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const named = ADDRESSES.some((name) =>
    [name, `${name}_FILE`].some((one) => (env[one] ?? '') !== ''),
  );
  if (named) return;
  const instance = await findInstance();
  for (const [name, value] of Object.entries(instance?.variables ?? {})) {
    if ((env[name] ?? '') === '' && (env[`${name}_FILE`] ?? '') === '') env[name] = value;
  }
}
