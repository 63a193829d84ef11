import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import { render } from 'preact-render-to-string';

/** Sends a page. What it shows belongs to its viewer, so nobody keeps it. */
export function sendPage(reply: FastifyReply, page: JSX.Element, status = 200): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`<!doctype html>${render(page)}`);
}
