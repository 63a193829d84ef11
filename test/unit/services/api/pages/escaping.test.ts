import fc from 'fast-check';
import { render } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import type { ItemView } from '../../../../../engine/items/item-view.js';
import { ItemPage } from '../../../../../services/api/pages/items/item-page.js';
import { webAddress } from '../../../../../services/api/pages/items/item-line.js';
import { ITEM, VIEW } from './item-view.helper.js';

function itemWith(text: string): ItemView {
  return {
    ...{ ...ITEM, kind: 'poll', author: text, title: text, url: text, text, territories: [text] },
    job: { company: text, location: text, remote: true },
    poll: { endsAt: text, options: [{ id: text, text, votes: 1 }] },
  };
}

/** Tags and their attributes, as a parser of HTML reads them: quoted values cannot end a tag. */
function tagsIn(html: string): string[] {
  return [...html.matchAll(/<([a-z!/][a-z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)].map(
    ([, name = '', attributes = '']) =>
      [
        name,
        ...[...attributes.matchAll(/([a-z-]+)(?=[=\s/]|$)(?:="[^"]*")?/gi)].map(([, one]) => one),
      ].join(' '),
  );
}

const PIECES = [
  ...['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', `'onmouseover='alert(1)`],
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>',
    '</textarea><svg/onload=1>',
  ],
  ...[
    '&lt;b&gt;',
    '&#106;avascript:',
    '\u0000',
    '`',
    '</title>',
    '<!--',
    '-->',
    ']]>',
    'https://a.b/"x',
  ],
];

describe('what people write', () => {
  it('never becomes markup, whatever it is', () => {
    // What every text may bring: only paragraphs, and links of addresses.
    const plain = new Set(
      tagsIn(
        render(
          ItemPage({
            view: VIEW,
            item: itemWith('https://a.example/ x'),
            comments: [],
            cursor: null,
          }),
        ),
      ),
    );
    for (const tag of tagsIn(
      render(ItemPage({ view: VIEW, item: itemWith('plain'), comments: [], cursor: null })),
    ))
      plain.add(tag);
    const text = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(text, (parts) => {
        const html = render(
          ItemPage({ view: VIEW, item: itemWith(parts.join('')), comments: [], cursor: null }),
        );
        expect(tagsIn(html).filter((tag) => !plain.has(tag))).toEqual([]);
        expect(html).not.toMatch(/href="\s*(javascript|data|vbscript):/i);
      }),
      { numRuns: 300 },
    );
  });

  it('is a link only where it is an address of the web', () => {
    expect(webAddress('https://example.com/a')?.href).toBe('https://example.com/a');
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'x']) {
      expect(webAddress(bad)).toBeUndefined();
    }
  });
});
