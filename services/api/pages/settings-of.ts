import type { Config } from '../../shared/config.js';
import type { PageSettings } from './settings.js';

type Keys = 'pages' | 'pagesBase' | 'pagesEventsMs' | 'temporalUi' | 'temporalNamespace' | 'env';

/** Nothing where the pages are switched off. */
export function pageSettings(config: Pick<Config, Keys>): { readonly pages?: PageSettings } {
  if (config.pages === 'off') return {};
  const { temporalUi, temporalNamespace } = config;
  return {
    pages: {
      base: config.pagesBase === '/' ? '' : config.pagesBase,
      secureCookies: config.env === 'production',
      temporalUi:
        temporalUi === undefined
          ? null
          : `${temporalUi.replace(/\/$/, '')}/namespaces/${encodeURIComponent(temporalNamespace)}`,
      eventsMs: config.pagesEventsMs,
    },
  };
}
