import { newPort } from '../../services/shared/free-port.js';

const HOST = '127.0.0.1';

/** Configuration with free ports for the API and what is simulated, so that a running `npm start` is not in the way. */
export async function freePorts(): Promise<Record<string, string>> {
  const api = await newPort(HOST);
  const lightning = await newPort(HOST, new Set([api]));
  const store = await newPort(HOST, new Set([api, lightning]));
  return {
    QUITTANCE_API_PORT: String(api),
    QUITTANCE_API_URL: `http://${HOST}:${api}`,
    QUITTANCE_LIGHTNING_URL: `http://${HOST}:${lightning}`,
    QUITTANCE_STORE_SIMULATOR_URL: `http://${HOST}:${store}`,
  };
}
