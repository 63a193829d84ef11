import { createChargeGateway } from '../../../../../adapters/lightning/charge/charge-gateway.js';
import { type FakeCharge, startCharge } from '../../../../support/charge.js';
import { type Answer, type Opened, type Satellite, satelliteApi } from './harness.helper.js';

export interface ChargedSatellite extends Satellite {
  readonly charge: FakeCharge;
  /** As the gateway does when the order's newest invoice is paid. */
  callBack(opened: Opened): Promise<Answer>;
}

/** The Satellite API with a gateway of its own. */
export async function chargedApi(): Promise<ChargedSatellite> {
  const charge = await startCharge();
  const gateway = createChargeGateway({
    root: charge.root,
    callbackRoot: 'http://satellite.test',
    secret: 'mySecretToken',
    description: 'BSS Test',
    timeoutMs: 2_000,
  });
  const api = await satelliteApi({ engine: { gateway } });
  return {
    ...api,
    charge,
    callBack: ({ lightning_invoice: { id = '' } }) => {
      const url = new URL(charge.webhooks.get(id) ?? '');
      return api.app.inject({ method: 'POST', url: url.pathname });
    },
    close: async () => {
      await api.close();
      await charge.close();
    },
  };
}
