import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsError } from '../client/errors.ts';
import { doingOf, s3Settings, type Session, sessionOf, type Target } from '../client/target.ts';

/** What deploying talks to, all with the same login. */
export interface Clients {
  readonly cloudFormation: CloudFormationClient;
  readonly s3: S3Client;
}

/** Whose login it is. */
export interface Identity {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** "aws", or that of China or of a government. */
  readonly partition: string;
}

/** An account in a region, and how things are asked of it. */
export class Account {
  readonly identity: Identity;
  readonly signal: AbortSignal | undefined;
  private readonly session: Session;
  private readonly clients: Clients;

  private constructor(session: Session, clients: Clients, identity: Identity, signal: AbortSignal | undefined) {
    this.session = session;
    this.clients = clients;
    this.identity = identity;
    this.signal = signal;
  }

  /** Signs in. `signal` stops what is asked later, between two requests. */
  static async open(target: Target, signal?: AbortSignal): Promise<Account> {
    const session = await sessionOf(target);
    const identity = await identityOf(session);
    const clients = {
      cloudFormation: new CloudFormationClient({ ...session.settings('CloudFormation'), maxAttempts: ATTEMPTS }),
      s3: new S3Client({ ...s3Settings(session), maxAttempts: ATTEMPTS }),
    };
    return new Account(session, clients, identity, signal);
  }

  /** The same without the signal: for putting things in order after it. */
  unstoppable(): Account {
    return new Account(this.session, this.clients, this.identity, undefined);
  }

  /** Asks one thing. `action` and `resource` are those of the permission it takes: an error names them. */
  async ask<T>(action: string, resource: string, does: (clients: Clients) => Promise<T>): Promise<T> {
    this.signal?.throwIfAborted();
    try {
      return await does(this.clients);
    } catch (error) {
      throw awsError(error, doingOf(this.session, action, resource));
    }
  }

  /** Asks for what may not be there: undefined where AWS says so. */
  find<T>(
    action: string,
    resource: string,
    does: (clients: Clients) => Promise<T>,
    isAbsent: (error: Error) => boolean,
  ): Promise<T | undefined> {
    return this.ask(action, resource, async (clients) => {
      try {
        return await does(clients);
      } catch (error) {
        if (error instanceof Error && isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  close(): void {
    this.clients.cloudFormation.destroy();
    this.clients.s3.destroy();
  }
}

/** CloudFormation takes few requests a second, and S3 may ask for fewer while a bucket is emptied. */
const ATTEMPTS = 8;

async function identityOf(session: Session): Promise<Identity> {
  const sts = new STSClient(session.settings('STS'));
  try {
    const { Account: account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    return { account: account!, region: session.region, partition: Arn!.split(':')[1]! };
  } catch (error) {
    throw awsError(error, doingOf(session, 'sts:GetCallerIdentity', 'your login'));
  } finally {
    sts.destroy();
  }
}

/** Every call names the owner, so that S3 refuses a bucket that another account has under this name. */
export const own = (account: Account, Bucket: string): { Bucket: string; ExpectedBucketOwner: string } => ({
  Bucket,
  ExpectedBucketOwner: account.identity.account,
});

/** Errors by their code, whatever they say. */
export const named =
  (...codes: readonly string[]) =>
  (error: Error): boolean =>
    codes.includes(error.name);

/** An emulator may lack a setting; S3 itself never says so. */
export const isUnknownHere = named('NotImplemented');
