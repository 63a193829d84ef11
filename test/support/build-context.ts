/** For programs that tests build with Go once: from the cache only, unless they may `build` it (without a PATH no Go is found). */
export function buildContext(build = true): {
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
} {
  return {
    env: build ? process.env : { ...process.env, PATH: '' },
    report: (line) => void process.stdout.write(`${line}\n`),
    signal: new AbortController().signal,
  };
}
