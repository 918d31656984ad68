import { TIMES } from '../src/job/times.ts';

/**
 * The state machine of an attempt, in the Amazon States Language. JSONPath and nothing newer: so that an interpreter that
 * runs on one machine can run it, too.
 *
 * `call` is what the supervisor is called with, `look` its last answer (src/job/task.ts).
 */

/** Seconds that an attempt may take to close, once its time is over. */
export const CLOSING = 3600;

/** ARNs. */
export interface Tasks {
  readonly dispatcher: string;
  readonly supervisor: string;
  /** Of Step Functions' way to SNS. */
  readonly publish: string;
  readonly topic: string;
}

/** Tries again whatever went wrong, up to two minutes apart. */
const retry = (attempts: number): object => ({
  Retry: [
    {
      ErrorEquals: ['States.ALL'],
      IntervalSeconds: 2,
      BackoffRate: 2,
      MaxDelaySeconds: 120,
      JitterStrategy: 'FULL',
      MaxAttempts: attempts,
    },
  ],
});

/** Nothing may go wrong before the end without the attempt being closed. */
const thenClose = { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.call.failure', Next: 'Close' }] };

export const attemptDefinition = ({ dispatcher, supervisor, publish, topic }: Tasks): object => ({
  Comment: 'One attempt at a job: dispatches its shards, watches over them, ends it, and tells',
  TimeoutSeconds: TIMES.deadline + CLOSING,
  StartAt: 'Begin',
  States: {
    Begin: {
      Type: 'Pass',
      Parameters: { step: 'supervise', 'job.$': '$.job', 'attempt.$': '$.attempt' },
      ResultPath: '$.call',
      Next: 'Start',
    },
    Start: {
      Comment: 'A rescue ends what another execution left',
      Type: 'Choice',
      Choices: [{ Variable: '$.rescue', IsPresent: true, Next: 'Close' }],
      Default: 'Dispatch',
    },
    Dispatch: {
      Type: 'Task',
      Resource: dispatcher,
      Parameters: { 'job.$': '$.job', 'attempt.$': '$.attempt' },
      ResultPath: null,
      ...retry(5),
      ...thenClose,
      Next: 'Supervise',
    },
    Supervise: {
      Type: 'Task',
      Resource: supervisor,
      InputPath: '$.call',
      ResultPath: '$.look',
      ...retry(12),
      ...thenClose,
      Next: 'Remember',
    },
    Remember: { Type: 'Pass', InputPath: '$.look.watch', ResultPath: '$.call.watch', Next: 'Go on' },
    'Go on': {
      Type: 'Choice',
      Choices: [{ Variable: '$.look.next', StringEquals: 'wait', Next: 'Wait' }],
      Default: 'Close',
    },
    Wait: { Type: 'Wait', SecondsPath: '$.look.wait', Next: 'Supervise' },
    Close: { Type: 'Pass', Result: 'finish', ResultPath: '$.call.step', Next: 'Finish' },
    Finish: {
      Comment: 'Nothing is caught here: an execution that fails is seen by the rule, which has the attempt rescued',
      Type: 'Task',
      Resource: supervisor,
      InputPath: '$.call',
      ResultPath: '$.look',
      ...retry(30),
      Next: 'Remember to finish',
    },
    'Remember to finish': { Type: 'Pass', InputPath: '$.look.watch', ResultPath: '$.call.watch', Next: 'Finished' },
    Finished: {
      Type: 'Choice',
      Choices: [{ Variable: '$.look.next', StringEquals: 'notify', Next: 'Notify' }],
      Default: 'Wait to finish',
    },
    'Wait to finish': { Type: 'Wait', SecondsPath: '$.look.wait', Next: 'Finish' },
    Notify: {
      Type: 'Task',
      Resource: publish,
      Parameters: {
        TopicArn: topic,
        'Subject.$': "States.Format('Mailwright: {} {}', $.look.notice.job, $.look.notice.outcome)",
        'Message.$': 'States.JsonToString($.look.notice)',
        MessageAttributes: { outcome: { DataType: 'String', 'StringValue.$': '$.look.notice.outcome' } },
      },
      ...retry(30),
      End: true,
    },
  },
});
