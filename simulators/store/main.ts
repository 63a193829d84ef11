import { runService } from '../../services/shared/process.js';
import { startStore } from './start-store.js';

/** A simulated WooCommerce store, for demonstrations and tests. Its state is lost when it ends. */
runService('store-simulator', async (service) => {
  const { hostname, port } = new URL(service.config.storeSimulatorUrl);
  const store = await startStore({ host: hostname, port: Number(port) });
  service.onStop('simulated store', () => store.stop());
  service.announce(store.url);
});
