import { loadSharedConfigFiles } from '@smithy/core/config';

/** The user's AWS profiles, as the files of the AWS command line have them. */

export type ProfileKind = 'sso' | 'login' | 'role' | 'web identity' | 'process' | 'keys' | 'incomplete';

/** A profile, for pickers and error messages; it holds no secret. */
export interface ProfileSummary {
  readonly name: string;
  readonly region?: string;
  readonly kind: ProfileKind;
  /** Of a role: the profile whose credentials take it on. */
  readonly source?: string;
}

/** The settings of a section of the files. */
type Section = Readonly<Record<string, string | undefined>>;

/** What the files say; read afresh each time. Reading them also renews what the SDK keeps of them, which never looks again by itself. */
export class ProfileFiles {
  private readonly sections: Readonly<Record<string, Section>>;
  /** Of the config file alone, with the sections that are no profiles, such as "services.x". */
  private readonly config: Readonly<Record<string, Section>>;

  private constructor(config: Readonly<Record<string, Section>>, credentials: Readonly<Record<string, Section>>) {
    this.config = config;
    const names = new Set([...Object.keys(config).filter((name) => !/^(sso-session|services)\./.test(name)), ...Object.keys(credentials)]);
    this.sections = Object.fromEntries([...names].map((name) => [name, { ...config[name], ...credentials[name] }]));
  }

  static async read(): Promise<ProfileFiles> {
    const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
    return new ProfileFiles(configFile, credentialsFile);
  }

  get summaries(): ProfileSummary[] {
    return Object.keys(this.sections)
      .sort()
      .map((name) => this.summary(name)!);
  }

  summary(name: string): ProfileSummary | undefined {
    const section = this.sections[name];
    if (!section) return undefined;
    return {
      name,
      kind: kindOf(section),
      ...(section['region'] !== undefined && { region: section['region'] }),
      ...(section['source_profile'] !== undefined && { source: section['source_profile'] }),
    };
  }

  /** The profile whose login is behind a profile: itself, or where it is a role the one it comes from. */
  root(name: string): ProfileSummary | undefined {
    const seen = new Set<string>();
    let profile = this.summary(name);
    while (profile?.kind === 'role' && profile.source !== undefined && !seen.has(profile.name)) {
      seen.add(profile.name);
      if (profile.source === profile.name) return { ...profile, kind: 'keys' }; // a role may name itself: its own keys take it on
      profile = this.summary(profile.source);
    }
    return profile;
  }

  setting(name: string, key: string): string | undefined {
    return this.sections[name]?.[key];
  }

  /** Where a service is reached: of its own, or of all. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
  endpoint(name: string, service: string): string | undefined {
    const services = this.setting(name, 'services');
    const own = services === undefined ? undefined : this.config[`services.${services}`]?.[`${snake(service)}.endpoint_url`];
    return own ?? this.setting(name, 'endpoint_url');
  }
}

/** The profiles of the user's files. */
export async function profiles(): Promise<ProfileSummary[]> {
  return (await ProfileFiles.read()).summaries;
}

/** In the order in which the SDK asks. */
const KINDS: readonly (readonly [ProfileKind, ...string[]])[] = [
  ['role', 'role_arn', 'source_profile'],
  ['role', 'role_arn', 'credential_source'],
  ['keys', 'aws_access_key_id', 'aws_secret_access_key'],
  ['web identity', 'role_arn', 'web_identity_token_file'],
  ['process', 'credential_process'],
  ['sso', 'sso_session'],
  ['sso', 'sso_start_url'],
  ['login', 'login_session'],
];

const kindOf = (section: Section): ProfileKind =>
  KINDS.find(([, ...keys]) => keys.every((key) => section[key] !== undefined))?.[0] ?? 'incomplete';

/** "CloudFormation" and "Step Functions" as they are in settings: "cloudformation", "step_functions". */
const snake = (service: string): string => service.toLowerCase().replaceAll(' ', '_');
