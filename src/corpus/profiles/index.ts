import { bank2025 } from './bank-2025.ts';
import { enron2001 } from './enron-2001.ts';
import type { Profile } from './profile.ts';

export const PROFILE_NAMES = ['bank-2025', 'enron-2001'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export const PROFILES: Readonly<Record<ProfileName, Profile>> = { 'bank-2025': bank2025, 'enron-2001': enron2001 };
