import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { EngineError } from '../../src/engine/error.ts';
import { Credentials, type Identity } from '../../src/engine/aws/put/credentials.ts';
import type { Put, Putter } from '../../src/engine/aws/put/putter.ts';
import { Window } from '../../src/engine/aws/put/window.ts';
import { seeded } from './emulator/random.ts';
import { type Arrival, BUCKET, CREDENTIALS, LoopbackS3, OK, putterTo, REGION, refusal, type Reply, SLOW_DOWN } from './put-support.ts';

const putOf = (key: string, body = Buffer.from(`body of ${key}`)): Put => ({
  key,
  body,
  sha256: hash('sha256', body),
  contentType: 'message/rfc822',
});
const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `corpora/j/messages/${i}.eml`);
const keyOf = ({ url }: Arrival): string => decodeURIComponent(url).slice(BUCKET.length + 2);

/** Puts them all, as fast as there is room. */
async function putAll(putter: Putter, names: readonly string[]): Promise<void> {
  for (const key of names) await putter.put(putOf(key));
  await putter.drain();
}

/** What an error has to be, and to say; none of it is a secret. */
const engineError = (code: string, ...words: string[]): ((error: unknown) => true) => {
  return (error) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, code);
    for (const word of words) assert.ok(error.message.includes(word), `${error.message}: says nothing of ${word}`);
    for (const secret of Object.values(CREDENTIALS)) assert.ok(!error.message.includes(secret), error.message);
    return true;
  };
};
const aborted = { name: 'AbortError' };

describe('putting', () => {
  let s3: LoopbackS3;
  const putters: Putter[] = [];
  const putter: typeof putterTo = (...args) => {
    const made = putterTo(...args);
    putters.push(made);
    return made;
  };
  beforeEach(async () => (s3 = await LoopbackS3.start()));
  afterEach(async () => {
    await Promise.all(putters.splice(0).map((each) => each.stop()));
    await s3.stop();
  });

  for (const seed of [1, 2, 3])
    it(`lands every body once, though S3 throttles and connections break (seed ${seed})`, async () => {
      const random = seeded(seed);
      const acknowledged = new Map<string, Buffer[]>();
      const given = { throttles: 0, resets: 0 };
      s3.reply = (arrival) => {
        assert.equal(hash('sha256', arrival.body), arrival.headers['x-amz-content-sha256']);
        const luck = random();
        if (luck < 0.1) return (given.throttles++, SLOW_DOWN);
        if (luck < 0.12) return (given.resets++, 'reset');
        acknowledged.set(keyOf(arrival), [...(acknowledged.get(keyOf(arrival)) ?? []), arrival.body]);
        return OK;
      };
      const names = keys(1500);
      const putting = putter(s3);
      await putAll(putting, names);
      assert.equal(acknowledged.size, names.length);
      for (const key of names) assert.deepEqual(acknowledged.get(key), [putOf(key).body], key);
      assert.ok(given.throttles > 100 && given.resets > 10);
      const { puts, bytes, retries, throttles } = putting.stats;
      assert.equal(puts, names.length);
      assert.equal(
        bytes,
        names.map((key) => putOf(key).body.length).reduce((a, b) => a + b),
      );
      assert.equal(throttles, given.throttles);
      assert.ok(retries >= given.throttles + given.resets);
    });

  it('sends what signature, checksum and type take', async () => {
    await putAll(putter(s3), ['corpora/j/messages/ab/a b.eml']);
    const [{ method, url, headers }] = s3.arrivals as [Arrival];
    const { sha256 } = putOf('corpora/j/messages/ab/a b.eml');
    assert.equal(`${method} ${url}`, `PUT /${BUCKET}/corpora/j/messages/ab/a%20b.eml`);
    assert.equal(headers['x-amz-checksum-sha256'], Buffer.from(sha256, 'hex').toString('base64'));
    assert.equal(headers['content-type'], 'message/rfc822');
    assert.equal(headers['x-amz-security-token'], CREDENTIALS.sessionToken);
  });

  it('puts an empty body', async () => {
    await putter(s3).put(putOf('corpora/j/truth/000000.jsonl', Buffer.alloc(0)));
    await s3.arrived(1);
    assert.equal(s3.arrivals[0]!.headers['content-length'], '0');
  });

  it('asks to wait while too much is in flight, in requests or in bytes', async () => {
    const answers = Promise.withResolvers<Reply>();
    s3.reply = () => answers.promise;
    for (const putting of [putter(s3, { inFlight: 2 }), putter(s3, { bytesInFlight: 30 })]) {
      await putting.put(putOf('corpora/1', Buffer.alloc(15)));
      let room = false;
      const waiting = putting.put(putOf('corpora/2', Buffer.alloc(15))).then(() => (room = true));
      await s3.arrived(s3.arrivals.length + 1);
      assert.equal(room, false);
      answers.resolve(OK);
      await waiting;
    }
  });

  describe('the window', () => {
    it('grows by one for each window of successes, and only when it is full', () => {
      const window = new Window(40);
      for (let i = 0; i < 1000; i++) window.succeeded(31);
      assert.equal(window.size, 32);
      for (let i = 0; i < 33; i++) window.succeeded(32);
      assert.equal(window.size, 33);
      for (let i = 0; i < 1000; i++) window.succeeded(40);
      assert.equal(window.size, 40);
    });

    it('shrinks once for all that was sent before, and never to nothing', () => {
      const window = new Window(256);
      const era = window.era;
      for (let i = 0; i < 32; i++) window.throttled(era);
      assert.equal(window.size, 22);
      for (let i = 0; i < 100; i++) window.throttled(window.era);
      assert.equal(window.size, 1);
      for (let i = 0; i < 300; i++) window.succeeded(window.size);
      assert.ok(window.size > 10);
    });

    it('holds requests back after a SlowDown, and lets more go when all is well again', async () => {
      const first = Promise.withResolvers<Reply>();
      const second = Promise.withResolvers<Reply>();
      let open = 0;
      s3.reply = async () => {
        open++;
        const reply = await (s3.arrivals.length <= 32 ? first : second).promise;
        open--;
        return reply;
      };
      const putting = putter(s3, { inFlight: 64 });
      const done = putAll(putting, keys(2000));
      await s3.arrived(32);
      assert.equal(open, 32);
      first.resolve(SLOW_DOWN);
      await s3.arrived(32 + 22);
      assert.equal(open, 22);
      assert.deepEqual([putting.stats.window, putting.stats.throttles], [22, 32]);
      second.resolve(OK);
      await done;
      assert.ok(putting.stats.window > 40, String(putting.stats.window));
    });
  });

  describe('stopping', () => {
    /** S3 leaves every second unanswered and wants the others again, so that some are in flight, some wait, some back off. */
    const busy = (): void => {
      s3.reply = () => (s3.arrivals.length % 2 === 0 ? 'nothing' : refusal(400, 'RequestTimeout'));
    };

    it('sends nothing any more, once stop has resolved', async () => {
      busy();
      const putting = putter(s3);
      const puts = keys(300).map((key) => putting.put(putOf(key)));
      await s3.arrived(50);
      const drained = assert.rejects(putting.drain(), aborted);
      await putting.stop();
      await drained;
      await assert.rejects(puts.at(-1)!, aborted);
      await s3.closed(); // every connection has been closed by us
      const { length } = s3.arrivals;
      await assert.rejects(putting.put(putOf('corpora/late')), aborted);
      await assert.rejects(putting.drain(), aborted);
      await putting.stop();
      assert.equal(s3.arrivals.length, length);
    });

    it('stops on an AbortSignal, for its reason', async () => {
      busy();
      const stopping = new AbortController();
      const putting = putter(s3, { signal: stopping.signal });
      const drained = putAll(putting, keys(200));
      await s3.arrived(50);
      const reason = new Error('cancelled');
      stopping.abort(reason);
      await assert.rejects(drained, reason);
      await putting.stop();
      await s3.closed();
      await assert.rejects(putting.put(putOf('corpora/late')), reason);
    });

    it('leaves no timer behind', async () => {
      const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
      const before = timers();
      s3.reply = () => refusal(400, 'RequestTimeout');
      const putting = putter(s3, { random: () => 100 }); // seconds
      for (const key of keys(100)) void putting.put(putOf(key));
      await s3.arrived(100);
      await putting.stop();
      assert.ok(timers() < before + 50, `${timers()} timers, ${before} before`);
    });

    it('begins nothing where it was aborted before', async () => {
      await assert.rejects(putter(s3, { signal: AbortSignal.abort() }).put(putOf('corpora/late')), aborted);
      assert.equal(s3.arrivals.length, 0);
    });

    it('closes once all has arrived', async () => {
      const putting = putter(s3);
      for (const key of keys(100)) void putting.put(putOf(key));
      await putting.close();
      assert.equal(putting.stats.puts, 100);
      await s3.closed();
    });
  });

  describe('the deadline', () => {
    it('begins nothing after it', async () => {
      const putting = putter(s3, { deadline: Date.now() - 1 });
      await assert.rejects(putAll(putting, ['corpora/late']), engineError('STORAGE', 'corpora/late', 'the time was up'));
      assert.equal(s3.arrivals.length, 0);
    });

    it('ends the tries, and says what was in the way', async () => {
      s3.reply = () => SLOW_DOWN;
      const putting = putter(s3, { random: () => 1, deadline: Date.now() + 300 });
      await putting.put(putOf('corpora/a'));
      await assert.rejects(putting.drain(), engineError('THROTTLED', 'corpora/a', '503 SlowDown'));
      assert.ok(s3.arrivals.length > 1);
    });
  });

  describe('credentials', () => {
    const OTHERS = { ...CREDENTIALS, sessionToken: 'another-token' };

    for (const code of ['ExpiredToken', 'InvalidToken', 'RequestExpired'])
      it(`are fetched again after ${code}, once for all that is in flight`, async () => {
        s3.reply = ({ headers }) => (headers['x-amz-security-token'] === OTHERS.sessionToken ? OK : refusal(400, code));
        const asked: unknown[] = [];
        const credentials = (options?: object): Promise<Identity> =>
          Promise.resolve(asked.push(options?.valueOf()) === 1 ? CREDENTIALS : OTHERS);
        const putting = putter(s3, { credentials });
        await putAll(putting, keys(100));
        assert.deepEqual(asked, [undefined, { forceRefresh: true }]);
        assert.deepEqual([putting.stats.puts, putting.stats.throttles], [100, 0]);
      });

    it('that stay expired are an error', async () => {
      s3.reply = () => refusal(400, 'ExpiredToken', `<Token-0>${CREDENTIALS.sessionToken}</Token-0>`);
      const putting = putter(s3, { credentials: () => Promise.resolve({ ...CREDENTIALS }) });
      await assert.rejects(putAll(putting, ['corpora/a']), engineError('CREDENTIALS', 'corpora/a', 'ExpiredToken', 'Sign in again'));
      assert.equal(s3.arrivals.length, 2);
    });

    it('that cannot be had are an error', async () => {
      const putting = putter(s3, { credentials: () => Promise.reject(new Error('the session has expired')) });
      await assert.rejects(putAll(putting, ['corpora/a']), engineError('CREDENTIALS', 'the session has expired', 'Sign in again'));
    });

    it('are renewed five minutes before they expire, while those at hand are used', async () => {
      const now = Date.now();
      const in6 = { ...CREDENTIALS, expiration: new Date(now + 360_000) };
      const in60 = { ...OTHERS, expiration: new Date(now + 3_600_000) };
      const given = [in6, in60];
      const credentials = new Credentials(() => Promise.resolve(given.shift()!));
      assert.equal(credentials.current(now), undefined);
      await credentials.fetch();
      assert.equal(credentials.current(now), in6);
      assert.equal(given.length, 1);
      assert.equal(credentials.current(now + 61_000), in6);
      assert.equal(given.length, 0);
      await credentials.fetch(); // the one that was begun
      assert.equal(credentials.current(now + 61_000), in60);
    });

    it('are used until they expire, where no others can be had', async () => {
      const now = Date.now();
      const soon = { ...CREDENTIALS, expiration: new Date(now + 60_000) };
      let asked = 0;
      const credentials = new Credentials(() => (asked++ === 0 ? Promise.resolve(soon) : Promise.reject(new Error('not now'))));
      await credentials.fetch();
      assert.equal(credentials.current(now), soon);
      assert.equal(asked, 1);
      assert.equal(credentials.current(now + 59_000), soon);
      assert.equal(asked, 2);
      assert.equal(credentials.current(now + 61_000), undefined);
      await assert.rejects(credentials.fetch(), engineError('CREDENTIALS', 'not now'));
    });
  });

  describe('what S3 refuses', () => {
    const refused = async (reply: Reply, code: string, ...words: string[]): Promise<void> => {
      s3.reply = () => reply;
      await assert.rejects(putAll(putter(s3), ['corpora/j/a.eml']), engineError(code, 'corpora/j/a.eml', ...words));
      assert.equal(s3.arrivals.length, 1);
    };

    it('names the permission that is missing', () =>
      refused(refusal(403, 'AccessDenied'), 'DENIED', '403 AccessDenied', 's3:PutObject', `arn:aws:s3:::${BUCKET}/corpora/j/a.eml`));
    it('names a bucket that is not there', () => refused(refusal(404, 'NoSuchBucket'), 'NOT_FOUND', 'NoSuchBucket', BUCKET, REGION));
    it('names a bucket that is elsewhere', () => refused(refusal(301, 'PermanentRedirect'), 'NOT_FOUND', BUCKET, `not in ${REGION}`));
    it('tells of another region from the signature’s refusal', () =>
      refused(refusal(400, 'AuthorizationHeaderMalformed'), 'NOT_FOUND', BUCKET, REGION));
    it('tells of the credentials, and repeats none', () => {
      const rest = `<AWSAccessKeyId>${CREDENTIALS.accessKeyId}</AWSAccessKeyId><StringToSign>${CREDENTIALS.sessionToken}</StringToSign>`;
      return refused(refusal(403, 'SignatureDoesNotMatch', rest), 'CREDENTIALS', 'SignatureDoesNotMatch');
    });
    it('gives what it does not know as it is', () => refused(refusal(400, 'BadDigest'), 'STORAGE', '400 BadDigest', 'It is BadDigest'));
    it('takes an answer that is not XML', () => refused({ status: 418, body: 'a teapot' }, 'STORAGE', '418'));

    it('drops what has not been sent, and makes the requests that tidy up', async () => {
      const denied = Promise.withResolvers<Reply>();
      s3.reply = ({ method }) => (method === 'PUT' ? denied.promise : { status: 204 });
      const putting = putter(s3);
      for (const key of keys(200)) void putting.put(putOf(key));
      await s3.arrived(32);
      denied.resolve(refusal(403, 'AccessDenied'));
      await assert.rejects(putting.drain(), engineError('DENIED'));
      const { body, sha256, contentType } = putOf('corpora/a', Buffer.alloc(0));
      await putting.request({ method: 'DELETE', key: 'corpora/a', query: 'uploadId=1', body, sha256, contentType, checksum: false });
      assert.equal(s3.arrivals.length, 32 + 1);
    });

    it('ends the rest with the first error', async () => {
      s3.reply = ({ url }) => (url.endsWith('/7.eml') ? refusal(403, 'AccessDenied') : OK);
      const putting = putter(s3);
      await assert.rejects(putAll(putting, keys(1000)), engineError('DENIED', '/7.eml'));
      await assert.rejects(putting.put(putOf('corpora/late')), engineError('DENIED', '/7.eml'));
      assert.ok(!s3.arrivals.some((arrival) => keyOf(arrival) === 'corpora/late'));
    });
  });

  describe('trying again', () => {
    it('gives up on errors that never change', async () => {
      s3.reply = () => refusal(500, 'InternalError');
      await assert.rejects(putAll(putter(s3), ['corpora/a']), engineError('STORAGE', 'corpora/a', '500 InternalError'));
      assert.equal(s3.arrivals.length, 12);
    });

    for (const [name, reply] of Object.entries({
      'a 429': { status: 429 },
      'a 500': refusal(500, 'InternalError'),
      'a 502': { status: 502 },
      'a RequestTimeout': refusal(400, 'RequestTimeout'),
      'a reset': 'reset',
    } satisfies Record<string, Reply>))
      it(`goes on after ${name}`, async () => {
        s3.reply = () => (s3.arrivals.length < 4 ? reply : OK);
        const putting = putter(s3);
        await putAll(putting, ['corpora/a']);
        assert.deepEqual([putting.stats.retries, putting.stats.throttles], [3, name === 'a 429' ? 3 : 0]);
      });

    it('goes on after a silence', async () => {
      s3.reply = () => (s3.arrivals.length === 1 ? 'nothing' : OK);
      const putting = putter(s3, { timeout: 500 });
      await putAll(putting, ['corpora/a']);
      assert.deepEqual([putting.stats.retries, putting.stats.throttles], [1, 0]);
    });

    it('gives up on a server that speaks something else, and says so', async () => {
      const putting = putter(s3, { endpoint: s3.endpoint.replace('http:', 'https:') });
      await assert.rejects(putAll(putting, keys(100)), engineError('NETWORK', 'corpora/j/messages/', 'Check the endpoint'));
    });

    it('sits out a server that is not there, until the deadline', async () => {
      const gone = await LoopbackS3.start();
      const { endpoint } = gone;
      await gone.stop();
      const putting = putter(s3, { endpoint, random: () => 1, deadline: Date.now() + 500 });
      await assert.rejects(putAll(putting, keys(100)), engineError('NETWORK', 'corpora/j/messages/', 'ECONNREFUSED'));
      assert.ok(putting.stats.retries > 0);
    });

    it('sets its clock by S3’s', async () => {
      const theirs = Date.now() + 3_600_000;
      const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 13).replaceAll('-', '');
      s3.reply = ({ headers }) =>
        (headers['x-amz-date'] as string).slice(0, 11) === stamp(theirs)
          ? OK
          : { ...(refusal(403, 'RequestTimeTooSkewed') as object), status: 403, headers: { date: new Date(theirs).toUTCString() } };
      const putting = putter(s3);
      await putAll(putting, ['corpora/a']);
      await putAll(putting, ['corpora/b']);
      assert.equal(putting.stats.retries, 1);
    });

    it('outlives connections that were closed while it was frozen', async () => {
      const putting = putter(s3);
      await putAll(putting, keys(60));
      s3.hangUp(); // seen by us no earlier than the next puts are sent
      await putAll(putting, keys(60));
      assert.deepEqual([putting.stats.puts, putting.stats.throttles], [120, 0]);
      assert.ok(putting.stats.window >= 32);
    });

    it('outlives connections that are closed as they are used again', async () => {
      const used = new Set<unknown>();
      s3.reply = ({ socket }) => {
        if (used.has(socket)) return 'reset';
        used.add(socket);
        return OK;
      };
      const putting = putter(s3, { inFlight: 4 });
      await putAll(putting, keys(40));
      assert.equal(putting.stats.puts, 40);
      assert.equal(putting.stats.throttles, 0);
      assert.ok(putting.stats.retries > 0);
    });
  });
});
