import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { request } from 'node:https';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/** Addresses that name a machine or a network of ours. Source: IANA's special-purpose registries. */
const NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
const blocked = new BlockList();
for (const [net, bits] of NOT_PUBLIC) blocked.addSubnet(net, bits, 'ipv4');
/** Of IPv6 only global unicast is public, without what carries an IPv4 address or is for documents. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  blocked.addSubnet(net, bits, 'ipv6');
}

export function isPublicAddress(address: string): boolean {
  if (!isIPv6(address)) return isIP(address) === 4 && !blocked.check(address, 'ipv4');
  return globalUnicast.check(address, 'ipv6') && !blocked.check(address, 'ipv6');
}

const MAX_BYTES = 64 * 1024;

/**
 * What a stranger's server answers to a GET. The name is resolved once, and the connection goes to what was checked: no address
 * of our own networks, no redirect, no more than 64 KiB.
 */
export function getPublic(url: URL, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!isPublicName(url)) {
      reject(new Error('only https and names are asked'));
      return;
    }
    const call = request(url, { signal, lookup: publicLookup }, (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        reject(new Error(`status ${response.statusCode ?? 0}`));
        return;
      }
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_BYTES) call.destroy(new Error(`more than ${MAX_BYTES} bytes`));
      });
      response.on('end', () => resolve(text)).on('error', reject);
    });
    call.on('error', reject).end();
  });
}

export interface PostAnswer {
  readonly status: number;
}

/** A POST to a stranger's server, as {@link getPublic}: what it answers beside its status is not read. */
export function postPublic(
  url: URL,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
  signal: AbortSignal,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    if (!isPublicName(url)) {
      reject(new Error('only https and names are called'));
      return;
    }
    const length = { 'content-length': body.length.toString() };
    const options = { method: 'POST', signal, lookup: publicLookup };
    const call = request(url, { ...options, headers: { ...headers, ...length } }, (response) => {
      resolve({ status: response.statusCode ?? 0 });
      response.destroy();
    });
    call.on('error', reject).end(body);
  });
}

/** A name, not an address, over TLS. */
export function isPublicName(url: URL, protocol: 'https:' | 'wss:' = 'https:'): boolean {
  return url.protocol === protocol && isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0;
}

/** Fails for a name of which any address is not public. */
export const publicLookup: LookupFunction = (name, options, answer) => {
  lookUp(name, { ...options, all: true }, (error, found: LookupAddress[] | undefined) => {
    const [first] = found ?? [];
    const isSafe =
      found !== undefined &&
      first !== undefined &&
      found.every((one) => isPublicAddress(one.address));
    if (error !== null || !isSafe) answer(error ?? new Error(`${name} is not public`), '');
    else if (options.all === true) answer(null, found);
    else answer(null, first.address, first.family);
  });
};
