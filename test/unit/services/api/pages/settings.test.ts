import { describe, expect, it } from 'vitest';
import { pageSettings } from '../../../../../services/api/pages/settings-of.js';

const CONFIG: Parameters<typeof pageSettings>[0] = {
  ...{ pages: 'on', pagesBase: '/', pagesEventsMs: 100 },
  ...{ temporalUi: undefined, temporalNamespace: 'a b', env: 'development' },
};

describe('settings of pages', () => {
  it('are none where they are switched off', () => {
    expect(pageSettings({ ...CONFIG, pages: 'off' })).toEqual({});
  });

  it('are those of a path, of cookies over HTTPS in production, and of a namespace', () => {
    const pages = { base: '', secureCookies: false, temporalUi: null, eventsMs: 100 };
    expect(pageSettings(CONFIG)).toEqual({ pages });
    const temporalUi = 'https://temporal.example/';
    expect(pageSettings({ ...CONFIG, env: 'production', pagesBase: '/forum', temporalUi })).toEqual(
      {
        pages: {
          ...{ ...pages, base: '/forum', secureCookies: true },
          temporalUi: 'https://temporal.example/namespaces/a%20b',
        },
      },
    );
  });
});
