import type { Environment } from '../../shared/config.js';

interface PeerVariable {
  /** Its name among ours. */
  readonly ours: string;
  readonly text: string;
}

/** The environment of the peer's server: each name, what it is here, and what it does. */
const PEER_VARIABLES: Readonly<Record<string, PeerVariable>> = {
  ENV: {
    ours: 'QUITTANCE_ENV',
    text: 'development (default), test or production. Outside production /admin and confirmations are open, and sent messages are shown.',
  },
  CHARGE_ROOT: {
    ours: 'QUITTANCE_CHARGE_ROOT',
    text: 'where Lightning Charge answers, with its credentials in it. Not set: the simulated node makes the invoices.',
  },
  CHARGE_API_TOKEN: {
    ours: 'QUITTANCE_CHARGE_API_TOKEN',
    text: 'the secret of the tokens of orders and callbacks.',
  },
  CALLBACK_URI_ROOT: {
    ours: 'QUITTANCE_CALLBACK_URI_ROOT',
    text: 'where Lightning Charge reaches this server. Default: the address it listens on.',
  },
  MIN_BID: { ours: 'QUITTANCE_MIN_BID_MSAT', text: 'the lowest bid, in msat. Default 1000.' },
  MIN_PER_BYTE_BID: {
    ours: 'QUITTANCE_MIN_PER_BYTE_BID_MSAT',
    text: 'the lowest bid per byte on air, in msat. Default 1.',
  },
  FORCE_PAYMENT: {
    ours: 'QUITTANCE_FORCE_PAYMENT',
    text: 'any text: orders are paid as they are opened. Not in production.',
  },
  SATELLITE_LISTEN: {
    ours: 'QUITTANCE_SATELLITE_LISTEN',
    text: 'host:port to listen on. Default 127.0.0.1:9292.',
  },
};

const DEFAULT_LISTEN = '127.0.0.1:9292';

/** The environment of our processes: the peer's names become ours, which win where both are set. */
export function satelliteEnvironment(env: Environment): Environment {
  const given = Object.fromEntries(
    Object.entries(PEER_VARIABLES).flatMap(([name, { ours }]) => {
      const value = isSet(env[ours]) ? env[ours] : env[name];
      return isSet(value) ? [[ours, value]] : [];
    }),
  );
  const listen = given['QUITTANCE_SATELLITE_LISTEN'] ?? DEFAULT_LISTEN;
  return {
    // The channels' own timeouts, not the short one of the demo.
    QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '',
    ...env,
    QUITTANCE_CALLBACK_URI_ROOT: `http://${listen}`,
    QUITTANCE_SATELLITE_LISTEN: listen,
    ...given,
  };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

/** For --help. */
export function environmentHelp(): string {
  const width = Math.max(...Object.keys(PEER_VARIABLES).map((name) => name.length));
  const lines = Object.entries(PEER_VARIABLES).map(
    ([name, { ours, text }]) => `  ${name.padEnd(width)}  ${text} (${ours})`,
  );
  return `\nEnvironment:\n${lines.join('\n')}\n\nAll others are in docs/configuration.md: channels, retransmissions, guards.\n`;
}
