import { createHash, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { connect, type NatsConnection } from 'nats';
import { pino } from 'pino';
import { transmissionSubject } from '../../../../domain/names/subjects.js';
import { Misses } from '../../../../services/ground-station/misses.js';
import { Speed } from '../../../../services/ground-station/speed.js';
import { Station, type StationOptions } from '../../../../services/ground-station/station.js';
import type { TransmissionOutcome } from '../../../../services/ground-station/transmit.js';
import { publish } from '../../../../services/shared/publish.js';
import { ensureStreams } from '../../../../services/shared/streams.js';

export interface StoredConfirmation {
  readonly subject: string;
  readonly id: string;
  readonly body: { uuid: string; txSeqNum: number; region: number };
}

export interface StationHarness {
  readonly nc: NatsConnection;
  readonly misses: Misses;
  readonly outcomes: { region: number; outcome: TransmissionOutcome }[];
  /** What GET /admin/message/<number> answers: bytes, or a status. */
  readonly messages: Map<number, Buffer | number>;
  /** How often each was asked for. */
  readonly fetches: number[];
  /** Confirmations that came over HTTP: address and body. */
  readonly posted: string[];
  start(
    region: number,
    speedup?: number,
    change?: Partial<Pick<StationOptions, 'confirms' | 'multicast'>>,
  ): Promise<Station>;
  announce(number: number, change?: Partial<Announcement>): Promise<string>;
  /** Everything on CONFIRMATIONS, in the order in which it was stored. */
  confirmations(): Promise<StoredConfirmation[]>;
  close(): Promise<void>;
}

interface Announcement {
  readonly attempt: number;
  readonly regions: number[];
  readonly channel: number;
  readonly messageId: string;
  readonly digest: string;
}

const STREAMS_USED = ['TRANSMISSIONS', 'CONFIRMATIONS'];

/** Empty streams, and an API that has only messages. */
export async function stationHarness(): Promise<StationHarness> {
  const nc = await connect({ servers: process.env['NATS_URL'] ?? '' });
  const manager = await nc.jetstreamManager();
  for (const stream of STREAMS_USED) await manager.streams.delete(stream).catch(() => false);
  await ensureStreams(nc);
  const messages = new Map<number, Buffer | number>();
  const fetches: number[] = [];
  const posted: string[] = [];
  const { server, url } = await serveMessages(messages, fetches, posted);
  const misses = new Misses();
  const outcomes: StationHarness['outcomes'] = [];
  const stations: Station[] = [];
  const js = nc.jetstream();
  return {
    nc,
    misses,
    outcomes,
    messages,
    fetches,
    posted,
    start: async (region, speedup = 1_000_000, change = {}) => {
      const station = new Station({
        nc,
        js,
        region,
        speed: new Speed(speedup),
        confirms: 'nats',
        token: 'a-token',
        ...change,
        misses,
        apiUrl: url,
        logger: pino({ level: 'silent' }),
        onOutcome: (of, outcome) => outcomes.push({ region: of, outcome }),
      });
      stations.push(station);
      await station.start();
      return station;
    },
    announce: async (number, change = {}) => {
      const message = messages.get(number);
      const bytes = Buffer.isBuffer(message) ? message : Buffer.from('?');
      const uuid = randomUUID();
      const { attempt = 1, regions = [0, 1, 2, 3, 4, 5], channel = 1 } = change;
      await publish(js, {
        subject: transmissionSubject(channel, 'started'),
        messageId: change.messageId ?? randomUUID(),
        epoch: 42n,
        body: {
          uuid,
          tx_seq_num: number,
          attempt,
          regions,
          message_size: bytes.length,
          message_digest: change.digest ?? createHash('sha256').update(bytes).digest('hex'),
          status: 'transmitting',
        },
      });
      return uuid;
    },
    confirmations: async () => {
      const { state } = await manager.streams.info('CONFIRMATIONS');
      const all: StoredConfirmation[] = [];
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
        const stored = await manager.streams.getMessage('CONFIRMATIONS', { seq });
        const id = stored.header.get('Nats-Msg-Id');
        all.push({ subject: stored.subject, id, body: stored.json() });
      }
      return all;
    },
    close: async () => {
      await Promise.all(stations.map((station) => station.stop()));
      await nc.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serveMessages(
  messages: ReadonlyMap<number, Buffer | number>,
  fetches: number[],
  posted: string[],
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = `${request.url ?? ''} ${request.headers.authorization ?? ''} `;
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.once('end', () => {
        posted.push(decodeURIComponent(body));
        response.end('{}');
      });
      return;
    }
    const number = Number(request.url?.replace('/admin/message/', ''));
    fetches.push(number);
    const message = messages.get(number) ?? 404;
    response.writeHead(typeof message === 'number' ? message : 200);
    response.end(typeof message === 'number' ? '' : message);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, url: `http://127.0.0.1:${address.port}` };
}
