import protobuf from 'protobufjs';
import type { z } from 'zod';

/** A request by lnd's field names: 64-bit numbers as decimal strings, bytes as Buffer. What is absent keeps lnd's default. */
export type Fields = Readonly<Record<string, unknown>>;

/** A method of lnd: its path, its messages, and the shape of its answer that is read. */
export interface Method<S extends z.ZodType> {
  readonly path: string;
  readonly request: protobuf.Type;
  readonly response: protobuf.Type;
  readonly answer: S;
}

type Define = <S extends z.ZodType>(
  path: string,
  request: string,
  response: string,
  answer: S,
) => Method<S>;

/** Defines methods whose messages are in this proto text. */
export function methodsOf(proto: string): Define {
  const { root } = protobuf.parse(proto, { keepCase: true });
  return (path, request, response, answer) => ({
    path,
    request: root.lookupType(request),
    response: root.lookupType(response),
    answer,
  });
}

export function encodeMessage(type: protobuf.Type, fields: Fields): Buffer {
  return Buffer.from(type.encode(type.fromObject(fields)).finish());
}

/** Throws a ZodError when lnd answers what we cannot read. */
export function decodeMessage<S extends z.ZodType>(
  { response, answer }: Method<S>,
  bytes: Uint8Array,
): z.output<S> {
  const message = response.decode(bytes);
  const plain = response.toObject(message, { longs: String, enums: String, defaults: true });
  return answer.parse(plain);
}
