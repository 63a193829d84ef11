/** All keywords. Set at start and when finished; progress goes to current details. */
export const SEARCH_ATTRIBUTES = ['QType', 'QState', 'QActor', 'QChannel', 'QStore'] as const;
export type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];
