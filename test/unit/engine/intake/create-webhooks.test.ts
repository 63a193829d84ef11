import { expect, it } from 'vitest';
import { unreachableUrl } from '../../../../engine/intake/stores/create-webhooks.js';

it.each([
  ['https://pay.example', 0],
  ['https://pay.example:8080', 0],
  ['https://pay.example:3000', 1],
  ['https://10.0.0.7', 1],
  ['http://pay.example', 1],
  ['http://localhost:8420', 3],
])('names what WordPress refuses in %s', (url, problems) => {
  expect(unreachableUrl(url)).toHaveLength(problems);
});
