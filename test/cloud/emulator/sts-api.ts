import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access.ts';
import { AwsError } from './aws-error.ts';
import type { Caller, Callers } from './callers.ts';
import { bodyOf, sendQueryResult } from './protocols.ts';

/** STS: who am I, and the role of the user for profiles that assume one. */
export class StsApi {
  private readonly account: string;
  private readonly callers: Callers;
  private readonly access: Access;
  /** The role that may be assumed, with the rights of `user`. */
  readonly userRole: string;

  constructor(account: string, callers: Callers, access: Access) {
    this.account = account;
    this.callers = callers;
    this.access = access;
    this.userRole = `arn:aws:iam::${account}:role/mailwright-user`;
  }

  async handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const parameters = new URLSearchParams((await bodyOf(request)).toString('utf8'));
    const action = parameters.get('Action') ?? '';
    if (action === 'GetCallerIdentity')
      return sendQueryResult(response, action, { Arn: caller.arn, UserId: caller.principal, Account: this.account });
    if (action !== 'AssumeRole') throw new AwsError(400, 'InvalidAction', `${action}: not part of the emulator`);
    const role = parameters.get('RoleArn') ?? '';
    const session = parameters.get('RoleSessionName') ?? '';
    if (caller.kind !== 'admin' && caller.kind !== 'user') throw this.access.denied(caller, 'sts:AssumeRole', role);
    if (role !== this.userRole) throw this.access.denied(caller, 'sts:AssumeRole', role);
    const arn = `arn:aws:sts::${this.account}:assumed-role/mailwright-user/${session}`;
    const { accessKeyId, secretAccessKey, sessionToken } = this.callers.issue({ principal: 'user', kind: 'user', arn }, true);
    sendQueryResult(response, action, {
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: secretAccessKey,
        SessionToken: sessionToken,
        Expiration: new Date(Date.now() + 3_600_000),
      },
      AssumedRoleUser: { AssumedRoleId: `AROA:${session}`, Arn: arn },
    });
  }
}
