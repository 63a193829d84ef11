import { object } from './guards.js';
import type { OperationName, Operations } from './operations.js';
import type { Call } from './transport.js';

/** `params` of the address, `query` and `body`: each where the operation takes it. */
export type OperationRequest<O extends OperationName> = Omit<Operations[O], 'answer'>;

interface AnyRequest {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** From `METHOD /path/{param}`. */
export function operationCall<T>(
  address: string,
  { params = {}, query = {}, body }: AnyRequest,
): Pick<Call<T>, 'method' | 'path' | 'query' | 'body' | 'answer'> {
  const [verb, template = ''] = address.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  return {
    method: METHODS.find((method) => method === verb) ?? 'GET',
    path,
    query: Object.fromEntries(
      Object.entries(query).map(([name, value]) => [
        name,
        typeof value === 'boolean' ? String(value) : value,
      ]),
    ),
    ...(body === undefined ? {} : { body }),
    answer: object<T>(),
  };
}
