import type { IncomingMessage } from 'node:http';
import { AwsError } from './aws-error.ts';
import type { Protocol } from './protocols.ts';
import { suffix, type Random } from './random.ts';
import { isRightlySigned, type Signed } from './signature.ts';

/** Who may call: an identity and its access keys. */
export interface Caller {
  /** "admin", "user", or the name of a role. */
  readonly principal: string;
  readonly kind: 'admin' | 'user' | 'role';
  readonly arn: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

interface Key extends Credentials {
  readonly caller: Caller;
  expired: boolean;
}

export class Callers {
  private readonly keys = new Map<string, Key>();
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** A new key of a caller; keys with a session token are temporary ones. */
  issue(caller: Caller, temporary: boolean): Credentials {
    const key: Key = {
      caller,
      accessKeyId: `${temporary ? 'ASIA' : 'AKIA'}${suffix(this.random, 16).toUpperCase()}`,
      secretAccessKey: suffix(this.random, 40),
      sessionToken: temporary ? suffix(this.random, 64) : undefined,
      expired: false,
    };
    this.keys.set(key.accessKeyId, key);
    return key;
  }

  /** From now on, all keys of this principal have expired. */
  expire(principal: string): void {
    for (const key of this.keys.values()) if (key.caller.principal === principal) key.expired = true;
  }

  /** Who signed a request; throws what its service answers where that is nobody. */
  of(request: IncomingMessage, protocol: Protocol, signed: Signed): Caller {
    const key = this.keys.get(signed.keyId);
    const s3 = protocol === 'rest-xml';
    if (!key) {
      if (s3) throw new AwsError(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
      const code = protocol === 'query' ? 'InvalidClientTokenId' : 'UnrecognizedClientException';
      throw new AwsError(403, code, 'The security token included in the request is invalid.');
    }
    if (key.expired) {
      if (s3) throw new AwsError(400, 'ExpiredToken', 'The provided token has expired.');
      const code = protocol === 'query' ? 'ExpiredToken' : 'ExpiredTokenException';
      throw new AwsError(403, code, 'The security token included in the request is expired');
    }
    const token = request.headers['x-amz-security-token'];
    if (key.sessionToken !== undefined && token !== key.sessionToken && !request.url!.includes('X-Amz-Security-Token=')) {
      if (s3) throw new AwsError(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
      throw new AwsError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    if (!isRightlySigned(request, signed, key.secretAccessKey))
      throw new AwsError(
        403,
        s3 || protocol === 'query' ? 'SignatureDoesNotMatch' : 'InvalidSignatureException',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      );
    return key.caller;
  }
}
