import { AwsError } from './aws-error.ts';
import type { Caller } from './callers.ts';
import { allowed, type ConditionKeys, type Statement } from './policy.ts';

export interface Denial {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
}

/**
 * Holds each caller to the identity policies of the deployed templates. Not judged: policies of resources (buckets,
 * queues, topics), permission boundaries, sessions.
 */
export class Access {
  readonly denials: Denial[] = [];
  /** By principal, then by the policy's name. */
  private readonly policies = new Map<string, Map<string, readonly Statement[]>>();

  attach(principal: string, policy: string, statements: readonly Statement[]): void {
    let mine = this.policies.get(principal);
    if (!mine) this.policies.set(principal, (mine = new Map()));
    mine.set(policy, statements);
  }

  detach(principal: string, policy: string): void {
    this.policies.get(principal)?.delete(policy);
  }

  allows(caller: Caller, action: string, resource: string, keys: ConditionKeys = {}): boolean {
    if (caller.kind === 'admin') return true;
    return allowed([...(this.policies.get(caller.principal)?.values() ?? [])].flat(), action, resource, keys);
  }

  /** Throws what the service answers a caller who may not. */
  check(caller: Caller, action: string, resource: string, keys: ConditionKeys = {}): void {
    if (!this.allows(caller, action, resource, keys)) throw this.denied(caller, action, resource);
  }

  /** Records a denial and gives the error. */
  denied(caller: Caller, action: string, resource: string): AwsError {
    this.denials.push({ principal: caller.principal, action, resource });
    const [service] = action.split(':') as [string];
    const on = service === 's3' ? `"${resource}"` : resource;
    return new AwsError(
      service === 'sqs' || service === 'states' ? 400 : 403,
      CODES[service] ?? 'AccessDenied',
      `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${on} because no identity-based policy allows the ${action} action`,
    );
  }
}

const CODES: Readonly<Record<string, string>> = {
  lambda: 'AccessDeniedException',
  states: 'AccessDeniedException',
  sqs: 'AccessDeniedException',
  sns: 'AuthorizationError',
};
