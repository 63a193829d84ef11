import { createECDH, createPublicKey, createDecipheriv, hkdfSync, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { encryptPush, isPublicKey } from '../../../../adapters/push/encrypt.js';
import { VapidKey } from '../../../../adapters/push/vapid.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

// RFC 8291, section 5.
const P256DH = bytes(
  'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
);
const AUTH = bytes('BTBZMqHH6r4Tts7J_aSIgg');
const MESSAGE = Buffer.from('When I grow up, I want to be a watermelon');

it('encrypts as the example of RFC 8291', () => {
  const encrypted = encryptPush({ p256dh: P256DH, auth: AUTH }, MESSAGE, {
    privateKey: bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'),
    salt: bytes('DGv6ra1nlYgDCS1FRnbzlw'),
  });
  expect(encrypted.toString('base64url')).toBe(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
});

it('encrypts so that the device reads it, with other keys each time', () => {
  const device = createECDH('prime256v1');
  device.generateKeys();
  const p256dh = device.getPublicKey();
  const auth = Buffer.alloc(16, 7);
  const [one, two] = [1, 2].map(() => encryptPush({ p256dh, auth }, MESSAGE));
  expect(one?.equals(two ?? Buffer.alloc(0))).toBe(false);
  expect(decrypt(one ?? Buffer.alloc(0), device, auth)).toBe(MESSAGE.toString());
});

function decrypt(body: Buffer, device: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const sender = body.subarray(21, 86);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), device.getPublicKey(), sender]);
  const derive = (secret: Buffer, by: Buffer, what: Buffer, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, by, what, length));
  const secret = derive(device.computeSecret(sender), auth, info, 32);
  const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(body.subarray(-16));
  const plain = Buffer.concat([decipher.update(body.subarray(86, -16)), decipher.final()]);
  expect(plain.at(-1)).toBe(2);
  return plain.subarray(0, -1).toString();
}

it('takes only points of the curve', () => {
  expect(isPublicKey(P256DH)).toBe(true);
  expect(isPublicKey(Buffer.alloc(65, 4))).toBe(false);
});

it('signs who it is, for one push service at a time', () => {
  const key = new VapidKey('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'mailto:a@b.example');
  const header = key.authorization('https://push.example/send/1', 1_000);
  const [, token = '', publicKey = ''] = /^vapid t=(\S+), k=(\S+)$/.exec(header) ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  expect(JSON.parse(bytes(claims).toString())).toEqual({
    ...{ aud: 'https://push.example', exp: 44_200, sub: 'mailto:a@b.example' },
  });
  const point = bytes(publicKey);
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  const verified = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    {
      key: createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } }),
      dsaEncoding: 'ieee-p1363',
    },
    bytes(signature),
  );
  expect(verified).toBe(true);
});
