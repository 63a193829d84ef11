import type { RestAnswer } from '../rest-error.js';

/** Absent values are as good as a default. */
export function wholeNumberIn(text: string | null, min: number, max: number): boolean {
  if (text === null) return true;
  return /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/** A page of a list, with the headers that say how long the list is. */
export function pageOf<T>(
  members: readonly T[],
  query: URLSearchParams,
  address: string,
  write: (member: T) => unknown,
): RestAnswer {
  const perPage = Number(query.get('per_page') ?? 10);
  const page = Number(query.get('page') ?? 1);
  const offset = Number(query.get('offset') ?? (page - 1) * perPage);
  const pages = Math.ceil(members.length / perPage);
  const links = [
    ...(page > 1 ? [`<${address}?page=${page - 1}>; rel="prev"`] : []),
    ...(page < pages ? [`<${address}?page=${page + 1}>; rel="next"`] : []),
  ];
  return {
    status: 200,
    body: members.slice(offset, offset + perPage).map(write),
    headers: {
      'X-WP-Total': String(members.length),
      'X-WP-TotalPages': String(pages),
      ...(links.length === 0 ? {} : { Link: links.join(', ') }),
    },
  };
}
