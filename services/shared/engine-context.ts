import type { Pool } from 'pg';
import { CHANNELS } from '../../domain/transmissions/channels.js';
import type { TransmissionSettings } from '../../domain/transmissions/settings.js';
import type { EngineContext } from '../../engine/context.js';
import { Semaphore } from '../../engine/semaphore.js';
import { createChargeGateway } from '../../adapters/lightning/charge/charge-gateway.js';
import type { LightningPort } from '../../adapters/lightning/port.js';
import { createPayeeWallets } from '../../adapters/lightning/wallets/create-wallets.js';
import type { ConfigOf, VariableName } from './config.js';
import { storeKeysOf } from './store-keys.js';

/** Of the request that opens an attempt or order. */
const CREATE_LEASE_MS = 5_000;
/** Per process and node. */
const CREATIONS_AT_ONCE = 8;

/** A wallet that does not mint within this is of no use: the next one is tried. */
const WALLET_TIMEOUT_SECONDS = 20;

/** The variables that the engine's context is made of. */
export const ENGINE_KEYS = [
  'QUITTANCE_LIGHTNING_URL',
  'QUITTANCE_NODE_TIMEOUT_SECONDS',
  'QUITTANCE_INVOICE_EXPIRY_SECONDS',
  'QUITTANCE_CREATION_SECONDS',
  'QUITTANCE_EXPIRY_GRACE_SECONDS',
  'QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS',
  'QUITTANCE_REFUND_GRACE_DAYS',
  'QUITTANCE_CONFIRM_TIMEOUT_SECONDS',
  'QUITTANCE_UNPAID_LIMIT',
  'QUITTANCE_UNPAID_ORIGIN_LIMIT',
  'QUITTANCE_UNPAID_ANONYMOUS_LIMIT',
  'QUITTANCE_WALLET_PENDING_LIMIT',
  'QUITTANCE_MIN_BID_MSAT',
  'QUITTANCE_MIN_PER_BYTE_BID_MSAT',
  'QUITTANCE_SECRET',
  'QUITTANCE_FORMER_SECRETS',
  'QUITTANCE_STORE_KEY',
  'QUITTANCE_START_DELAY_MS',
  'QUITTANCE_ENV',
  'QUITTANCE_PRIVATE_WALLETS',
  'QUITTANCE_CHANNELS',
  'QUITTANCE_CHARGE_ROOT',
  'QUITTANCE_CHARGE_API_TOKEN',
  'QUITTANCE_CALLBACK_URI_ROOT',
  'QUITTANCE_CHARGE_TIMEOUT_SECONDS',
  'QUITTANCE_RETRANSMISSION_LIMIT',
  'QUITTANCE_RETRANSMISSION_BACKOFF_SECONDS',
  'QUITTANCE_PRESUME_AFTER',
  'QUITTANCE_RETRANSMISSION_TURN_SECONDS',
  'QUITTANCE_ORDER_CLOSE_DAYS',
  'QUITTANCE_UNPAID_ORIGIN_MIB',
  'QUITTANCE_UNPAID_MIB',
] as const satisfies readonly VariableName[];

type EngineConfig = ConfigOf<(typeof ENGINE_KEYS)[number]>;

/** The context of the guarded functions, from the configuration of the process. */
export function createEngineContext(
  config: EngineConfig,
  parts: { pool: Pool; node: LightningPort; outboxChanged: () => void },
): EngineContext {
  return {
    ...parts,
    ...gatewayOf(config),
    transmissions: transmissionsOf(config),
    wallets: createPayeeWallets({
      lightningUrl: config.lightningUrl,
      walletTimeoutSeconds: WALLET_TIMEOUT_SECONDS,
      mayBePrivate: config.privateWallets === 'allowed',
    }),
    timers: {
      invoiceExpirySeconds: config.invoiceExpirySeconds,
      creationSeconds: config.creationSeconds,
      expiryGraceSeconds: config.expiryGraceSeconds,
      orderInvoiceExpirySeconds: config.orderInvoiceExpirySeconds,
      refundGraceSeconds: config.refundGraceDays * 86_400,
      ...(config.confirmTimeoutSeconds === undefined
        ? {}
        : { confirmTimeoutSeconds: config.confirmTimeoutSeconds }),
    },
    limits: {
      unpaidActions: limitOf(config.unpaidLimit),
      unpaidPerOrigin: limitOf(config.unpaidOriginLimit),
      unpaidAnonymous: limitOf(config.unpaidAnonymousLimit),
      pendingPerWallet: limitOf(config.walletPendingLimit),
      minBidMsat: config.minBidMsat,
      minPerByteBidMsat: config.minPerByteBidMsat.msat,
      minPerByteBidMicros: config.minPerByteBidMsat.micros,
      unpaidBytesPerOrigin: mibOf(config, config.unpaidOriginMib),
      unpaidBytes: mibOf(config, config.unpaidMib),
    },
    secret: config.secret,
    formerSecrets: config.formerSecrets,
    storeKeys: storeKeysOf(config),
    startDelayMs: config.startDelayMs,
    createLeaseMs: CREATE_LEASE_MS,
    creations: new Semaphore(CREATIONS_AT_ONCE),
  };
}

const DAY_SECONDS = 86_400;
const MIB = 2 ** 20;

function transmissionsOf(config: EngineConfig): TransmissionSettings {
  return {
    channels: config.channels ?? CHANNELS,
    retransmissions: {
      limit: config.retransmissionLimit,
      backoffSeconds: config.retransmissionBackoffSeconds,
      presumeAfter: config.presumeAfter,
      turnAfterSeconds: config.retransmissionTurnSeconds,
    },
    closeAfterSeconds: config.orderCloseDays * DAY_SECONDS,
  };
}

function gatewayOf(config: EngineConfig): Pick<EngineContext, 'gateway'> {
  if (config.chargeRoot === undefined) return {};
  const gateway = createChargeGateway({
    root: config.chargeRoot,
    callbackRoot: config.callbackUriRoot.replace(/\/+$/, ''),
    secret: config.chargeApiToken ?? config.secret,
    description: config.env === 'production' ? 'Blockstream Satellite Transmission' : 'BSS Test',
    timeoutMs: config.chargeTimeoutSeconds * 1000,
  });
  return { gateway };
}

/** Nobody is held back in development. */
function mibOf({ env }: EngineConfig, mib: number): number | null {
  return env === 'production' && mib > 0 ? mib * MIB : null;
}

/** 0 stands for no limit. */
function limitOf(configured: number): number | null {
  return configured === 0 ? null : configured;
}
