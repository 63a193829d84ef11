/** The law of imports (docs/architecture.md): each folder knows only those named here. */
const FOLDERS = 'domain|db|engine|adapters|activities|workflows|services|simulators|sdk|test';

/** `from` may import its own files and those that match `allowed`. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}` },
  to: { path: `^(${FOLDERS})/`, pathNot: allowed.map((path) => `^${path}`) },
});

/** Inside engine/, from the ground up: a folder imports only those before it, and the files beside them. */
const LAYERS = [
  ['accounts', 'ledger', 'notices'],
  ['credits', 'items'],
  ['territories'],
  ['invoices', 'trust'],
  ['payouts'],
  ['actions', 'transmissions'],
  ['incoming', 'operator', 'renewals', 'rewards', 'deliveries', 'extensions'],
];
const layers = LAYERS.flatMap((layer, height) =>
  layer.map((folder) => ({
    name: `engine-${folder}-imports-downward`,
    severity: 'error',
    from: { path: `^engine/${folder}/` },
    to: {
      path: `^engine/(${LAYERS.slice(height)
        .flat()
        .filter((other) => other !== folder)
        .join('|')})/`,
    },
  })),
);

module.exports = {
  forbidden: [
    only('domain-imports', 'domain/', ['domain/']),
    only('db-imports', 'db/', ['db/', 'domain/']),
    only('adapters-imports', 'adapters/', ['adapters/', 'domain/', 'sdk/dist/nwc/']),
    only(
      'engine-imports',
      'engine/',
      ['engine/', 'db/', 'domain/', 'adapters/[^/]+/port\\.ts', 'adapters/[^/]+/[^/]+/port\\.ts'],
      'Of what speaks to the outside, the engine knows only the ports.',
    ),
    {
      name: 'engine-root-imports-downward',
      severity: 'error',
      from: { path: '^engine/[^/]+\\.ts' },
      to: { path: '^engine/[^/]+/' },
    },
    ...layers,
    only(
      'activities-imports',
      'activities/',
      ['activities/', 'engine/', 'adapters/', 'domain/', 'db/errors\\.ts'],
      'A database error that comes from input is refused at this door too.',
    ),
    {
      name: 'workflows-imports',
      comment: 'Workflows know domain rules, and of activities only their types.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: `^(${FOLDERS})/`,
        pathNot: '^(workflows|domain)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    only('workflows-types', 'workflows/', ['workflows/', 'domain/', 'activities/']),
    only(
      'services-imports',
      'services/(?!worker/)',
      ['services/', 'engine/', 'adapters/', 'workflows/', 'db/', 'domain/', 'sdk/dist/'],
      'Only the worker imports activities.',
    ),
    only('worker-imports', 'services/worker/', [
      'services/(worker|shared)/',
      ...['activities/', 'engine/', 'adapters/', 'db/', 'domain/'],
    ]),
    {
      name: 'services-run-no-workflow-code',
      comment: 'Services name workflows by type; only the bundler reads their code.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^workflows/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'services-share-only-what-is-shared',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/($1|shared)/' },
    },
    only('simulators-imports', 'simulators/', [
      ...['simulators/', 'services/shared/', 'adapters/', 'db/', 'domain/'],
    ]),
    only('sdk-imports', 'sdk/', ['sdk/src/'], 'A package of its own.'),
    {
      name: 'sdk-by-its-name',
      comment: 'The client is imported as @quittance/sdk, as from outside.',
      severity: 'error',
      from: { pathNot: '^sdk/' },
      to: { path: '^sdk/src/' },
    },
    {
      name: 'no-circular',
      comment: 'Not even one of types alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(\\.d\\.ts|main\\.ts|^test/)' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^sdk/dist/'] },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'default'],
    },
  },
};
