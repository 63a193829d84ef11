import { NEEDS } from '../shared/config.js';
import { openPools } from '../shared/pool.js';
import { runService } from '../shared/process.js';
import { scrapers } from '../shared/scraper.js';
import { EncryptionCodec } from '../shared/temporal/payload-codec.js';
import { issuerOf } from './issuer.js';
import { codecServer } from './server.js';

runService(
  'codec-server',
  async (service) => {
    const { config, logger } = service;
    if (config.temporalCodecKeys === undefined) {
      throw new Error('QUITTANCE_TEMPORAL_CODEC_KEYS is not set: no payload is encrypted');
    }
    const { reads: pool } = openPools(service, ['reads']);
    service.letScrape(scrapers(pool));
    service.addCheck('postgres', () => pool.query('select 1'));
    const app = codecServer({
      ...{ pool, logger, issuer: issuerOf(config), origins: config.codecOrigins },
      ...{ badTokensPerMinute: config.badTokensPerMinute, trustedProxies: config.trustedProxies },
      codec: new EncryptionCodec(config.temporalCodecKeys),
    });
    service.onStop('HTTP', () => app.close());
    service.announce(await app.listen({ host: config.codecHost, port: config.codecPort }));
  },
  NEEDS['codec-server'],
);
