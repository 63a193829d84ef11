/** All keywords. Set at start, as of each step, and at the end. QActor is an account's name. */
export const SEARCH_ATTRIBUTES = ['QType', 'QState', 'QActor', 'QChannel', 'QStore'] as const;
export type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];
