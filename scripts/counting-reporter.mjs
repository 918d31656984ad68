import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Mocha's spec reporter, which also leaves its counts as a line of JSON in the file that MAILWRIGHT_COUNTS names, so that run.mjs can add up several suites. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      appendFileSync(process.env.MAILWRIGHT_COUNTS, JSON.stringify({ passes, failures }) + '\n');
    });
  }
}
