import type { z } from 'zod';
import type * as answers from './answers/transmission.js';

/** Amounts are decimal strings of millisatoshi; times are RFC 3339. */
export type Transmission = z.output<typeof answers.transmissionAnswer>;
export type TransmissionState = (typeof answers.TRANSMISSION_STATES)[number];
export type TransmissionPage = z.output<typeof answers.transmissionPageAnswer>;
export type CollectedTransmission = z.output<typeof answers.collectedTransmissionAnswer>;
export type Draft = z.output<typeof answers.draftAnswer>;
