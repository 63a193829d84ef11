import { createTransport } from 'nodemailer';
import type { Delivery } from '../../domain/intake/incidents/delivery.js';
import type { MailPort } from './port.js';

export interface SmtpOptions {
  /** `smtps://user:password@host:465`, or `smtp://` for STARTTLS. */
  readonly url: string;
  /** Sender of every mail that names none. */
  readonly from: string;
  /** Certificates that are trusted besides the system's, as PEM. */
  readonly ca?: string;
  /** For a server on this machine only: STARTTLS is not asked for. */
  readonly plain?: boolean;
}

const CONNECT_MS = 10_000;
const ANSWER_MS = 30_000;

/** A mail server. TLS 1.2 or newer and a certificate that is valid for the host, or no mail is sent. */
export function createSmtp({ url, from, ca, plain = false }: SmtpOptions): MailPort {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !plain,
    ignoreTLS: plain,
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    // Nothing that is in a mail may make this process read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ to, ...mail }) => {
      try {
        const { rejected } = await transport.sendMail({ from, ...mail, to: [...to] });
        if (rejected.length === 0) return { kind: 'sent' };
        const count = `${rejected.length} of ${to.length}`;
        return { kind: 'refused', reason: `the mail server refused ${count} addresses` };
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

/** 5xx answers and wrong credentials stay; all else may pass. The server's words may quote addresses: only codes are kept. */
function failureOf(error: unknown): Delivery {
  const { code = 'unknown', responseCode } = Object(error) as {
    readonly code?: unknown;
    readonly responseCode?: unknown;
  };
  const answered = typeof responseCode === 'number' ? ` (${responseCode})` : '';
  const reason = `the mail server: ${String(code)}${answered}`;
  const permanent = typeof responseCode === 'number' && responseCode >= 500;
  return { kind: permanent || code === 'EAUTH' ? 'refused' : 'unavailable', reason };
}
