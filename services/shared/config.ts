/** The configuration of every process: one schema, read once. docs/configuration.md is generated from it. */
export { describeConfig, redactUrl } from './config/describe.js';
export { ConfigError, loadConfig, loadConfigPart, type Environment } from './config/load.js';
export { NEEDS, type Needs } from './config/needs.js';
export { configurationPage } from './config/page.js';
export { chartValuesSchema } from './config/chart-schema.js';
export { DEVELOPMENT_SECRET } from './config/keys-servers.js';
export type { Config, ConfigOf, VariableName } from './config/schema.js';
