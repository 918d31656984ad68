import * as vscode from 'vscode';
import type { ProfileKind, ProfileSummary } from '../../engine/aws/client/profiles.ts';
import { PROFILE, REGION, set } from '../settings.ts';
import { choose } from '../commands/job-commands.ts';
import type { Cloud } from './cloud.ts';
import { isRegion, REGIONS } from './regions.ts';

/** Select AWS Profile: one of the user's files, or what the AWS command line would take. */
export async function pickProfile(cloud: Cloud): Promise<void> {
  const { t } = vscode.l10n;
  const profiles = await profilesOfUser();
  const { profile: current } = cloud.stack;
  const items = [
    ...profiles.map((profile) => ({ label: profile.name, description: descriptionOf(profile, current), profile: profile.name })),
    {
      label: t('None'),
      description: t('AWS_PROFILE, the keys of the environment, or the profile "default"'),
      profile: undefined,
    },
  ];
  const placeHolder =
    profiles.length === 0
      ? t('There are no profiles. Make one in a terminal: aws configure sso, or aws configure')
      : t('Which AWS profile?');
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  if (!chosen) return;
  await set(PROFILE, chosen.profile);
  cloud.touch();
}

/** Select Region: those of the profiles first. */
export async function pickRegion(cloud: Cloud): Promise<void> {
  const { t } = vscode.l10n;
  const profiles = await profilesOfUser();
  const { profile: current, region } = cloud.stack;
  const own = profiles.find(({ name }) => name === (current ?? 'default'))?.region;
  const used = [...new Set(profiles.flatMap(({ region: one }) => one ?? []))].sort();
  const fromProfile = { label: t('The profile’s own'), description: own ?? t('it names none'), region: undefined };
  const regions = [...used, ...REGIONS.filter((one) => !used.includes(one))].map((one) => ({
    label: one,
    description: one === region ? t('selected') : used.includes(one) ? t('of your profiles') : '',
    region: one as string | undefined,
  }));
  const another = { label: t('Another …'), description: '', region: undefined };
  await choose([fromProfile, ...regions, another], { placeholder: t('Which AWS region is the stack in?') }, async (chosen) => {
    const named = chosen === another ? await askRegion() : chosen.region;
    if (chosen === another && named === undefined) return;
    await set(REGION, named);
    cloud.touch();
  });
}

async function askRegion(): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const named = await vscode.window.showInputBox({
    prompt: t('The region, such as eu-central-1'),
    validateInput: (text) => (isRegion(text.trim()) ? undefined : t('A region looks like eu-central-1')),
  });
  return named?.trim();
}

async function profilesOfUser(): Promise<ProfileSummary[]> {
  const { profiles } = await import('../../engine/aws/client/profiles.ts');
  return profiles();
}

function descriptionOf({ kind, region, source, name }: ProfileSummary, current: string | undefined): string {
  const parts = [
    kindText(kind) + (kind === 'role' && source !== undefined ? ` (${source})` : ''),
    ...(region === undefined ? [] : [region]),
    ...(name === current ? [vscode.l10n.t('selected')] : []),
  ];
  return parts.join(' · ');
}

function kindText(kind: ProfileKind): string {
  const { t } = vscode.l10n;
  switch (kind) {
    case 'sso':
      return t('single sign-on');
    case 'login':
      return t('console sign-in');
    case 'role':
      return t('role');
    case 'web identity':
      return t('web identity');
    case 'process':
      return t('credential process');
    case 'keys':
      return t('access keys');
    case 'incomplete':
      return t('incomplete');
  }
}
