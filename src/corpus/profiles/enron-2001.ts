import { Quantiles, Weights } from '../random.ts';
import type { Profile } from './profile.ts';

/**
 * The histogram of Klimt & Yang on the Enron set: 61.6 % of messages in threads of two or more, mean size 4.10, median 2;
 * 55.6, 15.9, 10.1 and 4.3 % of threads have 2, 3, 4 and 5 messages, 4.2 % have 11 to 20, 1.4 % more than 20.
 * What is left between is spread evenly falling; the tail falls with the square of the size so that the mean comes near.
 */
export const ENRON_THREAD_SIZES: readonly (readonly [number, number])[] = [
  [2, 55600],
  [3, 15900],
  [4, 10100],
  [5, 4300],
  [6, 2700],
  [7, 2050],
  [8, 1600],
  [9, 1200],
  [10, 950],
  ...Array.from({ length: 10 }, (_, i): [number, number] => [11 + i, 620 - 44 * i]),
  ...Array.from({ length: 130 }, (_, i): [number, number] => [21 + i, Math.round(30000 / ((21 + i) * (21 + i)))]),
];

/** Kooti et al. 2015: mode 2 minutes, median 47 minutes, 90 % within one to two days. In seconds. */
export const REPLY_DELAY = new Quantiles([
  [0, 20],
  [30, 60],
  [80, 110],
  [140, 150],
  [200, 300],
  [300, 600],
  [400, 1200],
  [500, 2100],
  [600, 4000],
  [700, 9000],
  [800, 24000],
  [900, 72000],
  [950, 180000],
  [990, 600000],
  [1000, 1800000],
]);

/**
 * Kooti et al. 2015: mode 5 words, median 43, 30 % over 100. The targets are somewhat higher in the upper half: where a
 * topic has no more to say, a message stays shorter than it was meant to be.
 */
export const REPLY_WORDS = new Quantiles([
  [0, 2],
  [40, 4],
  [100, 5],
  [150, 7],
  [200, 11],
  [300, 24],
  [400, 42],
  [500, 62],
  [600, 92],
  [700, 135],
  [800, 185],
  [900, 250],
  [970, 330],
  [1000, 420],
]);

export const enron2001: Profile = {
  threaded: 61.6,
  threadSizes: ENRON_THREAD_SIZES,
  external: 20,
  private: 27,
  machine: 22,
  replyDelay: REPLY_DELAY,
  replyWords: REPLY_WORDS,
  openingWords: new Quantiles([
    [0, 8],
    [100, 25],
    [300, 48],
    [500, 75],
    [700, 120],
    [900, 210],
    [1000, 360],
  ]),
  recipients: new Weights([640, 150, 70, 42, 28, 20, 14, 10, 8, 6, 5, 4]),
  copied: new Weights([760, 120, 55, 28, 15, 10, 7, 5]),
  blind: 1,
  replyAll: 45,
  forwards: 9,
  quoting: 70,
  html: 3,
  attachments: 70,
  legacyCharset: 60,
  hours: new Weights([4, 2, 1, 1, 2, 6, 16, 45, 85, 100, 100, 95, 75, 90, 100, 100, 95, 75, 40, 20, 14, 12, 10, 7]),
  weekdays: [196, 200, 200, 198, 186, 10, 10],
  waits: 75,
  clients: new Weights([45, 0, 0, 5, 5, 45]),
  outsideClients: new Weights([45, 0, 5, 20, 15, 15]),
};
