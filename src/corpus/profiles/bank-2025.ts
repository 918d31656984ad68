import { Quantiles, Weights } from '../random.ts';
import { ENRON_THREAD_SIZES, REPLY_DELAY, REPLY_WORDS } from './enron-2001.ts';
import type { Profile } from './profile.ts';

/**
 * A bank of today. Threads and replies are as measured on Enron and by Kooti et al., for want of anything published
 * since; direction and private share after the 2007 audit, weekend 2 % after Axios HQ; clients, HTML and machine mail
 * are the profile's own choice.
 */
export const bank2025: Profile = {
  threaded: 61.6,
  threadSizes: ENRON_THREAD_SIZES,
  external: 18,
  private: 27,
  machine: 36,
  replyDelay: REPLY_DELAY,
  replyWords: REPLY_WORDS,
  openingWords: new Quantiles([
    [0, 10],
    [100, 30],
    [300, 55],
    [500, 85],
    [700, 130],
    [900, 220],
    [1000, 380],
  ]),
  recipients: new Weights([620, 150, 75, 46, 30, 22, 16, 12, 9, 7, 6, 5, 4, 3]),
  copied: new Weights([680, 150, 75, 40, 22, 14, 9, 6]),
  blind: 1,
  replyAll: 60,
  forwards: 7,
  quoting: 88,
  html: 78,
  attachments: 100,
  legacyCharset: 12,
  hours: new Weights([3, 1, 1, 1, 2, 8, 30, 70, 100, 112, 110, 100, 78, 92, 108, 108, 100, 76, 42, 24, 16, 12, 9, 6]),
  weekdays: [196, 202, 202, 198, 182, 10, 10],
  waits: 80,
  clients: new Weights([72, 16, 6, 3, 3, 0]),
  outsideClients: new Weights([42, 16, 14, 18, 8, 2]),
};
