import { LightningError } from '../../../adapters/lightning/port.js';
import type { EngineContext } from '../../../engine/context.js';
import { SatelliteError } from './errors.js';
import { pythonJson } from './python-json.js';

/** GET /info: the gateway's own JSON, or what Lightning Charge would say of our node. */
export async function nodeInfo({ gateway, node }: EngineContext): Promise<string> {
  try {
    if (gateway !== undefined) return `${pythonJson(JSON.parse(await gateway.info()))}\n`;
    const { publicKey, network, version, blockHeight } = await node.info();
    const info = { id: publicKey, network, version, blockheight: blockHeight };
    return `${pythonJson(info)}\n`;
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
    throw SatelliteError.coded(128);
  }
}
