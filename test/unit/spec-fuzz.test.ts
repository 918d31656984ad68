import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type JobSpec, jobSpecJsonSchema, parseSpec, SpecError } from '../../src/job/spec.ts';
import { badSpecs, GOOD, oddSpecs, violations } from './spec-mutations.ts';

/** The checked spec, or the refusal; any other error is a failure. */
function parsed(spec: unknown): JobSpec | SpecError {
  try {
    return parseSpec(spec);
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
}

const within = (path: string, section: string): boolean =>
  path === section || (path.startsWith(section) && '.['.includes(path[section.length]!));

describe('parseSpec', () => {
  it('accepts what the mutations start from, and nothing at all', () => {
    for (const spec of [GOOD, {}]) assert.deepEqual(violations(parseSpec(spec)), []);
  });

  it('refuses a spec with something wrong in it, and names the place', () => {
    fc.assert(
      fc.property(badSpecs, ({ spec, at }) => {
        const refusal = parsed(spec);
        assert.ok(refusal instanceof SpecError, `accepted, in spite of ${at}`);
        const paths = refusal.problems.map((problem) => problem.path);
        assert.ok(
          paths.some((path) => path !== '' && (within(path, at) || within(at, path))),
          `${at} is wrong, and named are ${paths.join(', ')}`,
        );
        assert.ok(refusal.problems.every((problem) => problem.message.length > 5 && problem.message.length < 3000));
      }),
      { numRuns: 700, seed: 20_250_106 },
    );
  });

  it('answers whatever it is given with a spec within the bounds or with a refusal', () => {
    fc.assert(
      fc.property(oddSpecs, (spec) => {
        const answer = parsed(spec);
        if (!(answer instanceof SpecError)) assert.deepEqual(violations(answer), []);
      }),
      { numRuns: 400, seed: 20_250_627 },
    );
  });

  it('takes what it has answered for the same spec', () => {
    const spec = parseSpec(GOOD);
    assert.deepEqual(parseSpec(JSON.parse(JSON.stringify(spec))), spec);
  });

  it('has a JSON schema that names every field', () => {
    const { properties } = jobSpecJsonSchema() as { properties: object };
    for (const field of Object.keys(GOOD as object)) assert.ok(field in properties, field);
  });
});
