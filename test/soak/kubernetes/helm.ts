import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../../db/package-root.js';
import { kubeObject, type KubeObject } from './kube-api.js';

const run = promisify(execFile);
export const CHART = join(packageRoot(), 'deploy', 'helm', 'quittance');

interface HelmOptions {
  readonly program: string;
  readonly kubeconfig: string;
  /** For values and copies of the chart. */
  readonly folder: string;
  readonly namespace: string;
}

/** helm, against one server and in one namespace. Calls reject with what helm says. */
export class Helm {
  constructor(private readonly options: HelmOptions) {}

  async run(command: readonly string[], values?: object): Promise<string> {
    const { program, kubeconfig, folder, namespace } = this.options;
    const file = join(folder, 'values.json');
    if (values !== undefined) await writeFile(file, JSON.stringify(values));
    const flags = ['--kubeconfig', kubeconfig, '--namespace', namespace];
    const { stdout } = await run(
      program,
      [...command, ...flags, ...(values === undefined ? [] : ['-f', file])],
      { maxBuffer: 32 * 1024 * 1024, env: { ...process.env, HELM_DATA_HOME: folder } },
    );
    return stdout;
  }

  /** Everything that the chart makes of the values, its hooks too. */
  async objects(values: object, chart = CHART): Promise<KubeObject[]> {
    const text = await this.run(['template', 'q', chart, '--kube-version', '1.37.2'], values);
    return parseAllDocuments(text)
      .map((document) => z.unknown().parse(document.toJS()))
      .filter((object) => object !== null)
      .map((object) => kubeObject.parse(object));
  }

  /** A copy of the chart with a mistake in one of its files. */
  async withMistake(name: string, right: string, wrong: string): Promise<string> {
    const copy = join(this.options.folder, 'mistaken');
    await cp(CHART, copy, { recursive: true, force: true });
    const file = join(copy, name);
    const text = await readFile(file, 'utf8');
    if (!text.includes(right)) throw new Error(`${name} has no ${right}`);
    await writeFile(file, text.replace(right, wrong));
    return copy;
  }
}
