type Schemas = Readonly<Record<string, unknown>>;

const REFERENCE = /#\/components\/schemas\/([A-Za-z0-9_]+)/g;

/** The schemas that `paths` refers to: zod creates each twice, for requests and for answers. */
export function onlyUsed(paths: unknown, schemas: Schemas): Schemas {
  const used = new Set<string>();
  collect(paths, schemas, used);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

function collect(part: unknown, schemas: Schemas, used: Set<string>): void {
  for (const [, name] of JSON.stringify(part ?? null).matchAll(REFERENCE)) {
    if (name === undefined || used.has(name)) continue;
    used.add(name);
    collect(schemas[name], schemas, used);
  }
}
