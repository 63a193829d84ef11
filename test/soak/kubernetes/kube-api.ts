import { request } from 'node:https';
import { z } from 'zod';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** The server writes its certificate when it starts. */
  readonly ca: () => Promise<Buffer>;
}

/** Any object of Kubernetes. */
export const kubeObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
export type KubeObject = z.output<typeof kubeObject>;

const resources = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** Calls to a kube-apiserver. They reject with the status and what the server says. */
export class KubeApi {
  constructor(private readonly options: Options) {}

  get(path: string): Promise<string> {
    return this.#call('GET', path);
  }

  create(path: string, object: unknown): Promise<string> {
    return this.#call('POST', path, JSON.stringify(object));
  }

  /** As it stands in a file. */
  createFromYaml(path: string, text: string): Promise<string> {
    return this.#call('POST', path, text, 'application/yaml');
  }

  /** Checked and admitted as if it were created, with unknown and doubled fields refused; nothing is kept. */
  async tryOut(object: KubeObject, namespace: string): Promise<void> {
    const path = await this.#collectionOf(object, namespace);
    await this.create(`${path}?dryRun=All&fieldValidation=Strict`, object);
  }

  async #collectionOf({ apiVersion, kind }: KubeObject, namespace: string): Promise<string> {
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = resources.parse(JSON.parse(await this.get(group))).resources;
    const found = known.find((one) => one.kind === kind && !one.name.includes('/'));
    if (found === undefined) throw new Error(`the server knows no ${kind} of ${apiVersion}`);
    return found.namespaced
      ? `${group}/namespaces/${namespace}/${found.name}`
      : `${group}/${found.name}`;
  }

  async #call(
    method: string,
    path: string,
    body?: string,
    type = 'application/json',
  ): Promise<string> {
    const { host, port, token } = this.options;
    const ca = await this.options.ca();
    return new Promise((resolve, reject) => {
      const call = request(
        {
          ...{ host, port, path, method, ca, timeout: 30_000 },
          headers: { authorization: `Bearer ${token}`, 'content-type': type },
        },
        (response) => {
          let answer = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
          response.on('end', () => {
            const { statusCode = 0 } = response;
            if (statusCode < 300) resolve(answer);
            else reject(new Error(`${method} ${path}: ${statusCode} ${messageIn(answer)}`));
          });
        },
      );
      call.on('error', reject).on('timeout', () => call.destroy(new Error(`${path}: no answer`)));
      call.end(body);
    });
  }
}

function messageIn(answer: string): string {
  try {
    return z.object({ message: z.string() }).parse(JSON.parse(answer)).message;
  } catch {
    return answer.slice(0, 500);
  }
}
