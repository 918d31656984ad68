import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { memoizeIdentityProvider, doesIdentityRequireRefresh, isIdentityExpired } from '@smithy/core';
import { EngineError } from '../../error.ts';
import { awsError, renewal } from './errors.ts';
import type { ProfileFiles, ProfileSummary } from './profiles.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}
export type CredentialsProvider = (options?: Record<string, unknown>) => Promise<Credentials>;

export interface Login {
  /** Undefined: the environment, or the machine's own role. */
  readonly profile: string | undefined;
  readonly files: ProfileFiles;
  readonly mfa: ((serial: string) => Promise<string>) | undefined;
  readonly region: string;
  /** Of STS, where it is not AWS's own. */
  readonly stsEndpoint: string | undefined;
  /** How the SDK's own clients for logins reach their services. */
  readonly requestHandler: object;
}

/** The user gave no code: to ask once more would be a nuisance. */
export class NoCode extends Error {}

/**
 * Credentials of a profile, kept until shortly before they expire: one code of a device serves every client. A profile
 * that was named is the only one tried; the SDK's chain would go on to the machine's own role.
 */
export function credentialsOf(login: Login): CredentialsProvider {
  const { profile, files, mfa } = login;
  const root = profile === undefined ? undefined : files.root(profile);
  const signedIn = root?.kind === 'sso' || root?.kind === 'login';
  const settings = {
    ignoreCache: true,
    // An endpoint given here would be that of the sign-in services as well.
    clientConfig: {
      requestHandler: login.requestHandler,
      ...(login.stsEndpoint !== undefined && !signedIn && { endpoint: login.stsEndpoint }),
    },
    ...(mfa && { mfaCodeProvider: asked(mfa) }),
  };
  const provider = profile === undefined ? fromNodeProviderChain(settings) : fromIni({ ...settings, profile });
  const told: CredentialsProvider = async (options) => {
    try {
      return await provider(options);
    } catch (error) {
      throw loginError(error, login);
    }
  };
  return memoizeIdentityProvider(told, isIdentityExpired, doesIdentityRequireRefresh)!;
}

function asked(mfa: (serial: string) => Promise<string>): (serial: string) => Promise<string> {
  return async (serial) => {
    try {
      return await mfa(serial);
    } catch (error) {
      throw new NoCode(`no code of ${serial} was given`, { cause: error });
    }
  };
}

/** What was wrong with a login, by the words of the SDK, which has no codes for it. */
interface Row {
  readonly when: RegExp;
  readonly says: (login: Login, root: ProfileSummary | undefined, words: string) => string;
}

const TABLE: readonly Row[] = [
  {
    when: /no MFA code callback|requires multi-factor/i,
    says: ({ profile }) =>
      `Profile ${profile} asks for a code of your MFA device, and there is nobody to ask here: run this in a terminal.`,
  },
  {
    when: /MultiFactorAuthentication failed/i,
    says: ({ profile }) => `AWS did not accept the code of your MFA device for profile ${profile}. Try again with the next one.`,
  },
  {
    when: /UnauthorizedException|SSO session|Sso session|Token is expired|sso login/,
    says: (_login, root, words) => `The sign-in of profile ${root?.name} is missing or has expired (${words}). ${renewal({ login: root })}`,
  },
  {
    when: /ForbiddenException/,
    says: (_login, root) =>
      `Your sign-in may not use the role of profile ${root?.name}: check its sso_account_id and sso_role_name, or ask for access.`,
  },
  {
    when: /Could not load credentials from any providers|EC2 Instance Metadata|instance metadata/i,
    says: ({ files }) =>
      `There are no AWS credentials: no profile was named, and neither the environment nor the profile "default" has any. ${known(files)}`,
  },
  {
    when: /Could not resolve credentials using profile|invalid SSO credentials|Unsupported credential source|Detected a cycle/,
    says: ({ profile }, _root, words) =>
      `Profile ${profile} does not say how to sign in (${words.split('\n')[0]}). Set it up with aws configure, or choose another with --profile.`,
  },
];

/** What went wrong while credentials were got, as one error. Only here is it known whose they are. */
function loginError(error: unknown, login: Login): EngineError {
  const { profile, files } = login;
  if (error instanceof EngineError) return error;
  if (error instanceof NoCode) return new EngineError('CREDENTIALS', `Profile ${profile}: ${error.message}.`, { cause: error });
  const root = profile === undefined ? undefined : files.root(profile);
  const words = (error as Error).message;
  const row = TABLE.find(({ when }) => when.test(words));
  if (row) return new EngineError('CREDENTIALS', row.says(login, root, words), { cause: error });
  if (root?.kind === 'process')
    return new EngineError(
      'CREDENTIALS',
      `The credential_process of profile ${root.name} gives no credentials: ${ofProcess(words)} ${renewal({ login: root })}`,
      { cause: error },
    );
  if ((error as Error).name === 'CredentialsProviderError')
    return new EngineError(
      'CREDENTIALS',
      `No credentials${profile === undefined ? '' : ` of profile ${profile}`}: ${words} ${renewal({ profile, login: root })}`,
      { cause: error },
    );
  // A role is taken on with a call of its own, which may fail as any other.
  const role = profile === undefined ? undefined : files.setting(profile, 'role_arn');
  return awsError(error, {
    action: 'sts:AssumeRole',
    resource: role ?? 'the role',
    profile,
    login: root,
    region: login.region,
    endpoint: login.stsEndpoint,
  });
}

/** What a program that failed wrote, without its command line, which Node puts first and which may hold a secret. */
const ofProcess = (words: string): string => {
  const text = words.replace(/^Command failed: [^\n]*\n?/, '').trim();
  return text === '' ? 'it failed without a word.' : text;
};

/** There is no such profile: the ones that are near it. */
export function noSuchProfile(profile: string, files: ProfileFiles): EngineError {
  const near = files.summaries
    .map(({ name }) => name)
    .filter((name) => distance(name.toLowerCase(), profile.toLowerCase()) <= Math.max(2, profile.length / 3));
  const meant = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  return new EngineError('CREDENTIALS', `There is no AWS profile "${profile}".${meant} ${known(files)}`);
}

function known(files: ProfileFiles): string {
  const all = files.summaries;
  if (all.length === 0) return 'There are no profiles either: set one up with aws configure sso, or aws configure.';
  const shown = all.slice(0, 12).map(({ name, kind }) => `${name} (${kind})`);
  return `Choose one with --profile or AWS_PROFILE. There are ${shown.join(', ')}${all.length > shown.length ? ` and ${all.length - shown.length} more` : ''}.`;
}

/** Letters to add, leave out or change to make one text of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
