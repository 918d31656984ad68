import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { EngineError } from '../../error.ts';
import { credentialsOf, type CredentialsProvider, NoCode, noSuchProfile } from './credentials.ts';
import { awsError, type Doing } from './errors.ts';
import { ProfileFiles, type ProfileSummary } from './profiles.ts';

/** Which account, region and stack is meant. What is left out is found where the AWS command line finds it. */
export interface Target {
  readonly profile?: string;
  readonly region?: string;
  /** URL of every service, for an emulator. */
  readonly endpoint?: string;
  /** Default "mailwright". */
  readonly stack?: string;
  /** The coordinator: its ARN, or name:alias; instead of the stack's. */
  readonly function?: string;
  /** Asks the user for a code of the device with this serial number. */
  readonly mfa?: (serial: string) => Promise<string>;
}

export const DEFAULT_STACK = 'mailwright';

/** The coordinator of a target, as Lambda's Invoke takes it. */
export const functionOf = ({ function: named, stack = DEFAULT_STACK }: Target): string => named ?? `${stack}-coordinator:live`;

/** What the client of a service is made with. */
export interface ClientSettings {
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly endpoint?: string;
  /** The SDK would look for an endpoint in the default profile, whichever profile is used. */
  readonly ignoreConfiguredEndpointUrls: true;
  readonly requestHandler: object;
}

/** A login: the settings of one target, as the user's files had them when it was made. */
export interface Session {
  readonly region: string;
  readonly profile: string | undefined;
  /** The profile whose login is behind it. */
  readonly login: ProfileSummary | undefined;
  settings(service: string): ClientSettings;
}

/** Requests at once to one host, for whoever has so many; a socket that is silent for longer is given up. A call of a function may take a minute. */
const SOCKETS = 64;
const CONNECT_MS = 10_000;
const SILENT_MS = 30_000;
const SILENT_CALL_MS = 90_000;

/** Reads the user's files and environment; throws an EngineError that says what is missing. */
export async function sessionOf(target: Target): Promise<Session> {
  const files = await ProfileFiles.read();
  const profile = profileOf(target, files);
  if (profile !== undefined && !files.summary(profile)) throw noSuchProfile(profile, files);
  const name = profile ?? 'default';
  const region = regionOf(target, files, profile);
  // Node's agents know HTTPS_PROXY and NO_PROXY, when told to.
  const agent = { keepAlive: true, maxSockets: SOCKETS, proxyEnv: process.env };
  const handler = (socketTimeout: number): object => ({
    connectionTimeout: CONNECT_MS,
    socketTimeout,
    httpAgent: agent,
    httpsAgent: agent,
  });
  const credentials = credentialsOf({
    profile,
    files,
    mfa: target.mfa,
    region,
    stsEndpoint: endpointOf('STS', target, files, name),
    requestHandler: handler(SILENT_MS),
  });
  return {
    region,
    profile,
    login: profile === undefined ? undefined : files.root(profile),
    settings: (service) => {
      const endpoint = endpointOf(service, target, files, name);
      const requestHandler = handler(service === 'Lambda' ? SILENT_CALL_MS : SILENT_MS);
      return { region, credentials, ignoreConfiguredEndpointUrls: true, requestHandler, ...(endpoint !== undefined && { endpoint }) };
    },
  };
}

/** The profile that is named, or else the default one where the environment has no keys. Undefined: the environment, or the machine's own role. */
function profileOf(target: Target, files: ProfileFiles): string | undefined {
  const { AWS_PROFILE, AWS_ACCESS_KEY_ID } = process.env;
  const named = target.profile || AWS_PROFILE;
  if (named) return named;
  const usable = !AWS_ACCESS_KEY_ID && (files.summary('default')?.kind ?? 'incomplete') !== 'incomplete';
  return usable ? 'default' : undefined;
}

function regionOf(target: Target, files: ProfileFiles, profile: string | undefined): string {
  const inArn = /^arn:[\w-]+:lambda:([\w-]+):/.exec(target.function ?? '')?.[1];
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  // An empty variable is none.
  const region = target.region || inArn || AWS_REGION || AWS_DEFAULT_REGION || files.setting(profile ?? 'default', 'region');
  if (!region)
    throw new EngineError(
      'NOT_FOUND',
      `No AWS region: neither AWS_REGION nor profile ${profile ?? 'default'} names one. Name the one the stack is in with --region.${profile === undefined ? ' Or name a profile with --profile.' : ''}`,
    );
  return region;
}

/** The URL of a service, where it is not AWS's own: given, in the environment, or in the profile. */
function endpointOf(service: string, target: Target, files: ProfileFiles, profile: string): string | undefined {
  if (target.endpoint !== undefined) return target.endpoint;
  const { env } = process;
  const ignored = env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] ?? files.setting(profile, 'ignore_configured_endpoint_urls');
  if (ignored === 'true') return undefined;
  return (
    env[`AWS_ENDPOINT_URL_${service.toUpperCase().replaceAll(' ', '_')}`] || env['AWS_ENDPOINT_URL'] || files.endpoint(profile, service)
  );
}

export interface Clients {
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly session: Session;
}

/** One set of SDK clients for a target. Calls that fail for want of a login are made once more, with the user's files read afresh. */
export class Connection {
  readonly target: Target;
  private current: Promise<Clients> | undefined;
  private readonly made: Promise<Clients>[] = [];

  constructor(target: Target) {
    this.target = target;
  }

  /** Does something with the clients; every failure becomes an EngineError that names what was being done. An abort stays what it is. */
  async call<T>(doing: Pick<Doing, 'action' | 'resource'>, does: (clients: Clients) => Promise<T>): Promise<T> {
    const first = this.clients();
    try {
      return await this.once(doing, await first, does);
    } catch (error) {
      if (!isLoginError(error)) throw error;
    }
    if (this.current === first) this.current = undefined;
    return this.once(doing, await this.clients(), does);
  }

  close(): void {
    this.current = undefined;
    for (const made of this.made.splice(0))
      made.then(
        ({ lambda, s3 }) => {
          lambda.destroy();
          s3.destroy();
        },
        () => {},
      );
  }

  private async once<T>(doing: Pick<Doing, 'action' | 'resource'>, clients: Clients, does: (clients: Clients) => Promise<T>): Promise<T> {
    try {
      return await does(clients);
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      throw awsError(error, doingOf(clients.session, doing.action, doing.resource));
    }
  }

  private clients(): Promise<Clients> {
    if (this.current) return this.current;
    const clients = clientsOf(this.target);
    this.current = clients;
    this.made.push(clients);
    clients.catch(() => {
      if (this.current === clients) this.current = undefined; // the files may be mended meanwhile
    });
    return clients;
  }
}

async function clientsOf(target: Target): Promise<Clients> {
  const session = await sessionOf(target);
  return {
    session,
    lambda: new LambdaClient(session.settings('Lambda')),
    s3: new S3Client({ ...s3Settings(session), responseChecksumValidation: 'WHEN_REQUIRED' }), // digests of our own are checked
  };
}

/** Those of S3: a host that is not AWS's seldom has a name for each bucket. */
export function s3Settings(session: Session): ClientSettings & { readonly forcePathStyle: boolean } {
  const settings = session.settings('S3');
  return { ...settings, forcePathStyle: settings.endpoint !== undefined };
}

/** The service's name as its settings are known by. */
const SERVICES: Readonly<Record<string, string>> = { cloudformation: 'CloudFormation', lambda: 'Lambda', s3: 'S3', sts: 'STS' };

/** What is being done, and with whose login: what an error names. `action` is a permission's. */
export function doingOf({ profile, login, region, settings }: Session, action: string, resource: string): Doing {
  const { endpoint } = settings(SERVICES[action.split(':')[0]!]!);
  return { action, resource, profile, login, region, endpoint };
}

const isLoginError = (error: unknown): boolean =>
  error instanceof EngineError && error.code === 'CREDENTIALS' && !(error.cause instanceof NoCode);
