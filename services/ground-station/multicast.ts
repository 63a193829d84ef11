import { createSocket, type Socket } from 'node:dgram';
import { packetsOf } from '../../domain/transmissions/blocksat.js';
import type { Logger } from '../shared/logger.js';

/** Packets between two pauses: a receiver's buffer holds so many. */
const BURST = 32;

export interface Multicast {
  /** Sends a message once, as a receiver would get it from the satellite. */
  send(channel: number, sequence: number, message: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Sends to a multicast group on loopback only. `address`: like 239.0.0.2:4433. */
export async function openMulticast(address: string, logger: Logger): Promise<Multicast> {
  const [group = '', port = ''] = address.split(':');
  const socket = createSocket('udp4');
  socket.on('error', (err) => logger.warn({ err }, 'multicast failed'));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.setMulticastInterface('127.0.0.1');
  socket.setMulticastLoopback(true);
  return {
    send: async (channel, sequence, message) => {
      for (const [n, packet] of packetsOf(channel, sequence, message).entries()) {
        await sendPacket(socket, packet, Number(port), group);
        if (n % BURST === BURST - 1) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function sendPacket(
  socket: Socket,
  packet: Uint8Array,
  port: number,
  group: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(packet, port, group, (error) => (error === null ? resolve() : reject(error)));
  });
}
