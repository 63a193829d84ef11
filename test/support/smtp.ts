import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';
import { createSmtp } from '../../adapters/mail/smtp.js';
import type { MailPort } from '../../adapters/mail/port.js';

const read = (name: string): string =>
  readFileSync(new URL(`tls/${name}`, import.meta.url), 'utf8');

/** Trusts the server of {@link startSmtp}. */
export const testCertificate = read('localhost.pem');

export interface TestSmtp {
  /** Whole mails, as they arrived. */
  readonly mails: string[];
  readonly mail: MailPort;
  readonly port: number;
  /** With this code mails are refused, until it is null again. */
  refuseWith: number | null;
  /** Connections that were made without TLS, and mails that came over them. */
  readonly plainMails: string[];
  close(): Promise<void>;
}

/** A mail server with STARTTLS on this machine; `user` and `secret` may log in. */
export async function startSmtp(): Promise<TestSmtp> {
  const mails: string[] = [];
  const plainMails: string[] = [];
  const server = new SMTPServer({
    key: read('localhost.key'),
    cert: testCertificate,
    authOptional: false,
    onAuth: ({ username, password }, _session, done) =>
      username === 'user' && password === 'secret'
        ? done(null, { user: username })
        : done(new Error('wrong credentials')),
    onRcptTo: (_address, _session, done) => {
      if (running.refuseWith === null) {
        done();
        return;
      }
      done(Object.assign(new Error('refused'), { responseCode: running.refuseWith }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        (session.secure ? mails : plainMails).push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
  });
  server.on('error', () => undefined);
  const port = await new Promise<number>((resolve) => {
    const listener = server.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const running: TestSmtp = {
    ...{ mails, plainMails, port, refuseWith: null },
    mail: createSmtp({
      url: `smtp://user:secret@127.0.0.1:${port}`,
      from: 'Quittance <quittance@example.org>',
      ca: testCertificate,
    }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return running;
}
