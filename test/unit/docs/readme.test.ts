import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

it('the README names no command that a shell would not find', () => {
  const spans = [...readme.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const bare = [...spans, ...lines].filter((text) => /^\s*quittance(\s|$)/.test(text));
  expect(bare).toEqual([]);
  expect(spans.some((text) => text.startsWith('npm run -s quittance -- '))).toBe(true);
});
