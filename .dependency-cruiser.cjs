/** The law of imports (docs/architecture.md): each folder may only know those below it. */
const outside = (folder, allowed) => ({
  name: `${folder}-imports`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: { path: '^(domain|db|activities|workflows|services|test)/', pathNot: `^(${allowed})/` },
});

module.exports = {
  forbidden: [
    outside('domain', 'domain'),
    outside('db', 'db|domain'),
    outside('activities', 'activities|db|domain'),
    {
      name: 'workflows-imports',
      comment: 'Workflows know domain rules, and of activities only their types.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: '^(db|services|test|activities)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    outside('services', 'services|activities|workflows|db|domain'),
    {
      name: 'services-run-no-workflow-code',
      comment: 'Services name workflows by type; only the bundler reads their code.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^workflows/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(\\.d\\.ts|main\\.ts|^test/)' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs'] },
  },
};
