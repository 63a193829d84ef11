import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readApiMessage, readPacket, Reassembly } from '../../../domain/transmissions/blocksat.js';

export interface ListenOptions {
  readonly group: string;
  readonly port: number;
  /** The address of the interface. */
  readonly networkInterface: string;
  readonly channel?: number;
  /** End after one message. */
  readonly once: boolean;
  /** Where messages are written. */
  readonly folder?: string;
  readonly report: (line: string) => void;
  /** Calls what ends it when somebody asks for that. */
  readonly onStop: (end: () => void) => void;
}

/** Receives messages in Blocksat packets until a signal, or the first of them. */
export async function listenForMessages(options: ListenOptions): Promise<void> {
  const { group, port, networkInterface, channel, report } = options;
  if (options.folder !== undefined) await mkdir(options.folder, { recursive: true });
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const reassembly = new Reassembly();
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      socket.close();
      resolve();
    };
    options.onStop(end);
    socket.once('error', reject);
    socket.on('message', (bytes) => {
      const packet = readPacket(bytes);
      if (packet === undefined) return;
      if (channel !== undefined && packet.channel !== channel) return;
      const message = reassembly.add(packet);
      if (message === undefined) return;
      void show(options, packet.channel, packet.sequence, message)
        .then(() => (options.once ? end() : undefined))
        .catch(reject);
    });
    socket.bind(port, () => {
      socket.addMembership(group, networkInterface);
      report(`listening to ${group}:${port} on ${networkInterface}`);
    });
  });
}

async function show(
  { folder, report }: ListenOptions,
  channel: number,
  sequence: number,
  message: Uint8Array,
): Promise<void> {
  const file = readApiMessage(message);
  const data = file?.data ?? message;
  const digest = createHash('sha256').update(message).digest('hex');
  const named = file === undefined ? '' : `, file ${JSON.stringify(file.name)}`;
  report(`channel ${channel}, message ${sequence}, ${message.length} bytes, ${digest}${named}`);
  if (folder !== undefined) await writeFile(join(folder, `${channel}-${sequence}`), data);
}
