import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsEngine } from '../../src/engine/aws/client/engine.ts';
import { profiles } from '../../src/engine/aws/client/profiles.ts';
import { sessionOf, type Target } from '../../src/engine/aws/client/target.ts';
import { type Answered, assumed, failureOf, FakeAws, Home, lambdaError, stsError, USER } from './client-support.ts';

let home: Home;
let aws: FakeAws;
const engines: AwsEngine[] = [];

/** Asks the coordinator of a target what it is. */
function describeOf(target: Target): Promise<unknown> {
  const engine = new AwsEngine(target);
  engines.push(engine);
  return engine.describe();
}

const failure = async (target: Target): Promise<{ code: string | undefined; message: string }> => {
  const { code, message } = await failureOf(describeOf(target));
  return { code, message };
};

describe('which account, region and stack the client of AWS talks to', () => {
  beforeEach(async () => {
    home = new Home();
    aws = new FakeAws();
    aws.coordinator = () => ({ ok: true, result: { service: 'mailwright' } });
    await aws.listen();
  });
  afterEach(async () => {
    for (const engine of engines.splice(0)) engine.close();
    await aws.close();
    home.restore();
  });

  describe('profiles', () => {
    it('are told with their region and where their login comes from', async () => {
      home.config(
        `${USER}[default]\nregion = us-east-1\n[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://x.example\n[profile signed-in]\nsso_session = work\nsso_account_id = 1\nsso_role_name = r\n[profile old-sso]\nsso_start_url = https://x.example\n[profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = user\n[profile vault]\ncredential_process = vault\n[profile browser]\nlogin_session = arn:x\n[profile web]\nrole_arn = a\nweb_identity_token_file = f\n[services s]\ns3 =\n  endpoint_url = http://x.example\n`,
      );
      home.file('.aws/credentials', '[keys]\naws_access_key_id = a\naws_secret_access_key = b\n');
      assert.deepEqual(await profiles(), [
        { name: 'browser', kind: 'login' },
        { name: 'default', kind: 'incomplete', region: 'us-east-1' },
        { name: 'keys', kind: 'keys' },
        { name: 'old-sso', kind: 'sso' },
        { name: 'role', kind: 'role', source: 'user' },
        { name: 'signed-in', kind: 'sso' },
        { name: 'user', kind: 'keys', region: 'eu-west-1' },
        { name: 'vault', kind: 'process' },
        { name: 'web', kind: 'web identity' },
      ]);
    });

    it('are none where there are no files', async () => {
      assert.deepEqual(await profiles(), []);
    });
  });

  describe('region', () => {
    const regionOf = async (target: Target): Promise<string> => (await sessionOf(target)).region;

    it('is the one given, of the function, of the environment, of the profile, in this order', async () => {
      home.config(USER);
      const profile = { profile: 'user' };
      assert.equal(await regionOf(profile), 'eu-west-1');
      process.env['AWS_DEFAULT_REGION'] = 'us-east-2';
      assert.equal(await regionOf(profile), 'us-east-2');
      process.env['AWS_REGION'] = 'us-west-2';
      assert.equal(await regionOf(profile), 'us-west-2');
      const named = { ...profile, function: 'arn:aws:lambda:ap-south-1:123456789012:function:x-coordinator:live' };
      assert.equal(await regionOf(named), 'ap-south-1');
      assert.equal(await regionOf({ ...named, region: 'eu-north-1' }), 'eu-north-1');
    });

    it('that nobody names is an error that says how to', async () => {
      home.config('[profile user]\naws_access_key_id = a\naws_secret_access_key = b\n');
      const { code, message } = await failure({ profile: 'user' });
      assert.equal(code, 'NOT_FOUND');
      assert.match(message, /No AWS region.*profile user.*--region/);
    });
  });

  describe('endpoint', () => {
    const endpointOf = async (profile: string, service = 'S3', target: Target = {}): Promise<string | undefined> =>
      (await sessionOf({ profile, ...target })).settings(service).endpoint;

    beforeEach(() =>
      home.config(
        `[default]\nendpoint_url = http://default.example\n${USER}[profile emulator]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\nendpoint_url = http://profile.example\nservices = own\n[services own]\ns3 =\n  endpoint_url = http://s3.example\n`,
      ),
    );

    it('is the one given, of the environment for the service or all, of the profile for the service or all', async () => {
      assert.equal(await endpointOf('emulator'), 'http://s3.example');
      assert.equal(await endpointOf('emulator', 'Lambda'), 'http://profile.example');
      process.env['AWS_ENDPOINT_URL'] = 'http://all.example';
      assert.equal(await endpointOf('emulator'), 'http://all.example');
      process.env['AWS_ENDPOINT_URL_S3'] = 'http://env-s3.example';
      assert.equal(await endpointOf('emulator'), 'http://env-s3.example');
      assert.equal(await endpointOf('emulator', 'Lambda'), 'http://all.example');
      assert.equal(await endpointOf('emulator', 'S3', { endpoint: 'http://given.example' }), 'http://given.example');
    });

    it('of another profile is not used, nor any where the user says so', async () => {
      assert.equal(await endpointOf('user'), undefined);
      process.env['AWS_ENDPOINT_URL'] = 'http://all.example';
      process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] = 'true';
      assert.equal(await endpointOf('emulator'), undefined);
    });

    it('of the profile is where calls really go, for a bucket by path', async () => {
      home.config(`${USER}endpoint_url = ${aws.endpoint.replace('127.0.0.1', 'localhost')}\n`);
      aws.put('bucket/corpora/J/k', {});
      const engine = new AwsEngine({ profile: 'user' });
      engines.push(engine);
      await engine.describe();
      await engine.read({ bucket: 'bucket', prefix: 'corpora/J/', region: 'eu-west-1' }, 'k');
      assert.deepEqual(
        aws.received.map(({ service, path }) => `${service} ${path}`),
        ['lambda /2015-03-31/functions/mailwright-coordinator:live/invocations', 's3 /bucket/corpora/J/k'],
      );
    });
  });

  describe('function', () => {
    const called = async (target: Target): Promise<string> => {
      home.config(USER);
      await describeOf({ profile: 'user', endpoint: aws.endpoint, ...target });
      return aws.received.at(-1)!.path.replace(/^.*functions\/|\/invocations$/g, '');
    };

    it('is the alias of the coordinator of the stack, or the one named', async () => {
      const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:other:live';
      assert.equal(await called({}), 'mailwright-coordinator:live');
      assert.equal(await called({ stack: 'team' }), 'team-coordinator:live');
      assert.equal(await called({ stack: 'team', function: arn }), arn);
    });
  });

  describe('login', () => {
    const CALLER = { signed: (): string | undefined => aws.received.at(-1)!.accessKeyId };

    it('with a profile that does not exist names those near it', async () => {
      home.config(USER);
      const { code, message } = await failure({ profile: 'usr', region: 'eu-west-1' });
      assert.equal(code, 'CREDENTIALS');
      assert.equal(
        message,
        'There is no AWS profile "usr". Did you mean user? Choose one with --profile or AWS_PROFILE. There are user (keys).',
      );
    });

    it('without any says which profiles there are', async () => {
      home.config(USER);
      const { code, message } = await failure({ region: 'eu-west-1', endpoint: aws.endpoint });
      assert.equal(code, 'CREDENTIALS');
      assert.match(message, /^There are no AWS credentials: .*There are user \(keys\)\.$/);
      home.config('');
      assert.match((await failure({ region: 'eu-west-1', endpoint: aws.endpoint })).message, /no profiles either: .*aws configure/);
    });

    it('comes from AWS_PROFILE, the environment, or the default profile, in this order', async () => {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'x' });
      await describeOf({ region: 'eu-west-1', endpoint: aws.endpoint });
      assert.equal(CALLER.signed(), 'AKIAENV');
      home.config(`${USER}${USER.replace('profile user', 'default').replace('AKIAUSER', 'AKIADEFAULT')}`);
      await describeOf({ endpoint: aws.endpoint });
      assert.equal(CALLER.signed(), 'AKIAENV');
      delete process.env['AWS_ACCESS_KEY_ID'];
      await describeOf({ endpoint: aws.endpoint });
      assert.equal(CALLER.signed(), 'AKIADEFAULT');
      process.env['AWS_PROFILE'] = 'user';
      await describeOf({ endpoint: aws.endpoint });
      assert.equal(CALLER.signed(), 'AKIAUSER');
    });

    it('of a profile that has expired since is read afresh, once', async () => {
      home.config(USER);
      aws.before = ({ accessKeyId }) => {
        if (accessKeyId !== 'AKIAUSER') return undefined;
        home.config(USER.replace('AKIAUSER', 'AKIAFRESH'));
        return lambdaError(403, 'ExpiredTokenException', 'The security token included in the request is expired');
      };
      await describeOf({ profile: 'user', endpoint: aws.endpoint });
      assert.deepEqual(
        aws.received.map(({ accessKeyId }) => accessKeyId),
        ['AKIAUSER', 'AKIAFRESH'],
      );
    });

    it('that has expired for good is an error after the second try', async () => {
      home.config(USER);
      aws.before = () => lambdaError(403, 'ExpiredTokenException', 'The security token included in the request is expired');
      const { code, message } = await failure({ profile: 'user', endpoint: aws.endpoint });
      assert.equal(code, 'CREDENTIALS');
      assert.match(message, /login of profile user has expired.*aws configure --profile user/);
      assert.equal(aws.received.length, 2);
    });

    it('by a role goes to STS at the endpoint of the profile, and asks for a code once for all clients', async () => {
      home.config(
        `${USER}[profile role]\nregion = eu-west-1\nendpoint_url = ${aws.endpoint}\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = user\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n`,
      );
      aws.put('bucket/corpora/J/k', {});
      aws.before = ({ service }) => (service === 'sts' ? assumed('ASIAROLE') : undefined);
      const asked: string[] = [];
      const engine = new AwsEngine({ profile: 'role', mfa: async (serial) => (asked.push(serial), '123456') });
      engines.push(engine);
      await engine.describe();
      await engine.read({ bucket: 'bucket', prefix: 'corpora/J/', region: 'eu-west-1' }, 'k');
      assert.deepEqual(asked, ['arn:aws:iam::123456789012:mfa/me']);
      assert.deepEqual(
        aws.received.map(({ service, accessKeyId }) => `${service} ${accessKeyId}`),
        ['sts AKIAUSER', 'lambda ASIAROLE', 's3 ASIAROLE'],
      );
      assert.match(aws.received[0]!.body, /TokenCode=123456/);
    });

    describe('by a role', () => {
      beforeEach(() =>
        home.config(
          `${USER}[profile role]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = user\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n`,
        ),
      );

      it('that wants a code where nobody can be asked says so', async () => {
        const { code, message } = await failure({ profile: 'role', endpoint: aws.endpoint });
        assert.equal(code, 'CREDENTIALS');
        assert.match(message, /Profile role asks for a code of your MFA device.*terminal/);
      });

      it('asks again after a wrong code, once', async () => {
        aws.before = () => stsError(403, 'AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code. ');
        let asked = 0;
        const { code, message } = await failure({ profile: 'role', endpoint: aws.endpoint, mfa: async () => (asked++, '000000') });
        assert.equal(asked, 2);
        assert.equal(code, 'CREDENTIALS');
        assert.match(message, /did not accept the code of your MFA device for profile role/);
      });

      it('does not ask again whoever gave no code', async () => {
        let asked = 0;
        const mfa = (): Promise<string> => {
          asked++;
          return Promise.reject(new Error('closed'));
        };
        const { code, message } = await failure({ profile: 'role', endpoint: aws.endpoint, mfa });
        assert.equal(asked, 1);
        assert.equal(code, 'CREDENTIALS');
        assert.match(message, /Profile role: no code of arn:aws:iam::123456789012:mfa\/me was given/);
      });

      it('that may not be taken on names the role and the permission', async () => {
        aws.before = () =>
          stsError(
            403,
            'AccessDenied',
            'User: arn:aws:iam::123456789012:user/me is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r',
          );
        const { code, message } = await failure({ profile: 'role', endpoint: aws.endpoint, mfa: async () => '1' });
        assert.equal(code, 'DENIED');
        assert.match(
          message,
          /^arn:aws:iam::123456789012:user\/me has no permission for sts:AssumeRole on arn:aws:iam::123456789012:role\/r\. /,
        );
      });
    });

    describe('by SSO', () => {
      const config =
        '[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://x.example\nsso_registration_scopes = sso:account:access\n[profile signed-in]\nregion = eu-west-1\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = r\n[profile role]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = signed-in\n';
      const signIn = (expiresAt: string): void =>
        home.file(
          `.aws/sso/cache/${createHash('sha1').update('work').digest('hex')}.json`,
          JSON.stringify({ accessToken: 'sso-token', expiresAt }),
        );
      const portal = (answer: Answered): void => {
        process.env['AWS_ENDPOINT_URL_SSO'] = aws.endpoint;
        aws.before = ({ path }) => (path === '/federation/credentials' ? answer : undefined);
      };

      it('uses what the portal gives to whoever is signed in', async () => {
        home.config(config);
        signIn('2099-01-01T00:00:00Z');
        const roleCredentials = { accessKeyId: 'ASIASSO', secretAccessKey: 's', sessionToken: 't', expiration: Date.parse('2099-01-01') };
        portal({ body: JSON.stringify({ roleCredentials }) });
        await describeOf({ profile: 'signed-in', endpoint: aws.endpoint });
        assert.equal(CALLER.signed(), 'ASIASSO');
      });

      it('that the portal no longer knows, or gives no access, says so', async () => {
        home.config(config);
        signIn('2099-01-01T00:00:00Z');
        portal(lambdaError(401, 'UnauthorizedException', 'Session token not found or invalid'));
        assert.match((await failure({ profile: 'signed-in', endpoint: aws.endpoint })).message, /aws sso login --profile signed-in$/);
        portal(lambdaError(403, 'ForbiddenException', 'No access'));
        assert.match(
          (await failure({ profile: 'signed-in', endpoint: aws.endpoint })).message,
          /^Your sign-in may not use the role of profile signed-in: check its sso_account_id and sso_role_name/,
        );
      });

      it('that has expired says how to sign in', async () => {
        home.config(config);
        signIn('2020-01-01T00:00:00Z');
        const { code, message } = await failure({ profile: 'signed-in', endpoint: aws.endpoint });
        assert.equal(code, 'CREDENTIALS');
        assert.match(message, /aws sso login --profile signed-in$/);
      });

      it('that is not signed in says how to sign in, of the profile behind a role too', async () => {
        home.config(config);
        for (const profile of ['signed-in', 'role']) {
          const { code, message } = await failure({ profile, endpoint: aws.endpoint });
          assert.equal(code, 'CREDENTIALS');
          assert.match(message, /The sign-in of profile signed-in is missing or has expired .* aws sso login --profile signed-in$/);
        }
      });
    });

    describe('by a program', () => {
      const program = (script: string): void => {
        home.file('credentials.cjs', script);
        home.config(
          `[profile vault]\nregion = eu-west-1\ncredential_process = "${process.execPath}" ${home.path}/credentials.cjs --password hidden\n`,
        );
      };

      it('uses what it gives', async () => {
        program(`console.log(JSON.stringify({ Version: 1, AccessKeyId: 'AKIAPROCESS', SecretAccessKey: 'x' }))`);
        await describeOf({ profile: 'vault', endpoint: aws.endpoint });
        assert.equal(CALLER.signed(), 'AKIAPROCESS');
      });

      it('that fails tells its words, and not how it was called', async () => {
        program(`console.error('vault: sealed'); process.exit(3)`);
        const { code, message } = await failure({ profile: 'vault', endpoint: aws.endpoint });
        assert.equal(code, 'CREDENTIALS');
        assert.match(message, /^The credential_process of profile vault gives no credentials: vault: sealed /);
        assert.doesNotMatch(message, /hidden/);
      });
    });
  });

  it('goes through the proxy that HTTP_PROXY names, but not past NO_PROXY', async () => {
    home.config(USER);
    const through: string[] = [];
    const proxy = createServer((request, response) => {
      through.push(request.url!);
      response.end(JSON.stringify({ ok: true, result: { service: 'mailwright' } }));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      process.env['HTTP_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      await describeOf({ profile: 'user', endpoint: 'http://lambda.example' });
      assert.deepEqual(through, ['http://lambda.example/2015-03-31/functions/mailwright-coordinator%3Alive/invocations']);
      process.env['NO_PROXY'] = '127.0.0.1';
      await describeOf({ profile: 'user', endpoint: aws.endpoint });
      assert.equal(through.length, 1);
      assert.equal(aws.received.length, 1);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });
});
