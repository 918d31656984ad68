import { Aws, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { TIMES } from '../src/job/times.ts';
import type { Attempts } from './attempts.ts';
import type { Functions } from './functions.ts';
import { METRICS } from './names.ts';

interface Watched {
  readonly functions: Functions;
  readonly attempts: Attempts;
  readonly shards: Queue;
  readonly deadLetters: Queue;
}

const FIVE_MINUTES = Duration.minutes(5);
const SUM = { statistic: 'Sum', period: FIVE_MINUTES } as const;
const MOST = { statistic: 'Maximum', period: FIVE_MINUTES } as const;

/** A metric that the worker counts itself. */
const counted = (metricName: string, label: string): Metric =>
  new Metric({
    namespace: METRICS.namespace,
    metricName,
    dimensionsMap: METRICS.dimensions,
    statistic: 'Sum',
    period: Duration.minutes(1),
    label,
  });

/** The sum of metrics, each of which has no values where there is nothing to count. */
const together = (label: string, metrics: Record<string, IMetric>): MathExpression =>
  new MathExpression({
    expression: Object.keys(metrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(' + '),
    usingMetrics: metrics,
    period: FIVE_MINUTES,
    label,
  });

/** The dashboard and the alarms. */
export class Monitoring {
  /** Dashboards have one name in all regions. */
  readonly dashboardName = `${Aws.STACK_NAME}-${Aws.REGION}`;
  readonly dashboardUrl = `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#dashboards/dashboard/${this.dashboardName}`;

  constructor(scope: Construct, watched: Watched, alarms: Topic) {
    raiseAlarms(scope, watched, new SnsAction(alarms));
    show(scope, watched, this.dashboardName);
  }
}

function raiseAlarms(scope: Construct, { functions, attempts, shards, deadLetters }: Watched, action: SnsAction): void {
  const { coordinator, worker, supervisor, deadletter } = functions;
  const alarm = (id: string, text: string, metric: IMetric, threshold: number, periods = 1): void => {
    new Alarm(scope, id, {
      alarmDescription: text,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(action);
  };
  alarm(
    'ShardsGivenUpAlarm',
    'Shards were given up. Their failures say why; retry makes them again.',
    deadletter.metricInvocations(SUM),
    1,
  );
  alarm(
    'DeadLettersNotEmptyAlarm',
    'Dead letters are not taken from their queue: see the log of the deadletter function.',
    deadLetters.metricApproximateNumberOfMessagesVisible(MOST),
    1,
    3,
  );
  alarm(
    'ExecutionsEndedBadlyAlarm',
    'An execution failed, was aborted or timed out. The supervisor is to end its attempt with another one.',
    together('Executions that ended badly', {
      failed: attempts.machine.metricFailed(SUM),
      aborted: attempts.machine.metricAborted(SUM),
      late: attempts.machine.metricTimedOut(SUM),
    }),
    1,
  );
  alarm(
    'SupervisorGaveUpAlarm',
    'The supervisor could not take up an execution that had ended badly: its attempt may be without an outcome.',
    supervisor.metric('AsyncEventsDropped', SUM),
    1,
  );
  alarm('CoordinatorErrorsAlarm', 'The coordinator failed: see its log.', coordinator.metricErrors(SUM), 1);
  alarm(
    'WorkerErrorsAlarm',
    'Workers fail again and again: see their log.',
    together('Shards that failed, workers that were stopped', {
      failed: counted('Errors', 'Errors').with({ period: FIVE_MINUTES }),
      stopped: worker.metricErrors(SUM),
    }),
    10,
    3,
  );
  alarm(
    'WorkerThrottlesAlarm',
    'Lambda refuses workers: the account has too little concurrency left. Lower Concurrency, or ask for more.',
    worker.metricThrottles(SUM),
    1,
    3,
  );
  alarm(
    'OldestShardAlarm',
    'A shard has been waiting for half of the time after which its attempt is closed: raise Concurrency, or run fewer jobs at once.',
    shards.metricApproximateAgeOfOldestMessage(MOST),
    TIMES.deadline / 2,
  );
}

function show(scope: Construct, { functions, attempts, shards, deadLetters }: Watched, dashboardName: string): void {
  const { coordinator, dispatcher, worker, supervisor, deadletter } = functions;
  const all = { coordinator, dispatcher, worker, supervisor, deadletter };
  const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget => new GraphWidget({ title, left, right, width: 12 });
  const each = (metric: (of: typeof worker | typeof coordinator, label: string) => IMetric): IMetric[] =>
    Object.entries(all).map(([name, of]) => metric(of, name));
  new Dashboard(scope, 'Overview', {
    dashboardName,
    widgets: [
      [
        new TextWidget({
          markdown: `# Mailwright\nStack **${Aws.STACK_NAME}**. What the workers count is here a minute or two after it happened.`,
          width: 24,
          height: 2,
        }),
      ],
      [
        graph('Messages and bytes', [counted('Messages', 'Messages')], [counted('Bytes', 'Bytes')]),
        graph('Puts, and what S3 refused', [counted('Puts', 'Puts')], [counted('Throttles', 'Throttles'), counted('Errors', 'Errors')]),
      ],
      [
        graph(
          'Shards: seconds of work, workers at once',
          [counted('ShardSeconds', 'Shard seconds')],
          [worker.metric('ConcurrentExecutions', { statistic: 'Maximum', period: Duration.minutes(1), label: 'Workers' })],
        ),
        graph(
          'Queue',
          [
            shards.metricApproximateNumberOfMessagesVisible({ ...MOST, label: 'Shards waiting' }),
            shards.metricApproximateNumberOfMessagesNotVisible({ ...MOST, label: 'Shards being made' }),
            deadLetters.metricApproximateNumberOfMessagesVisible({ ...MOST, label: 'Dead letters' }),
          ],
          [shards.metricApproximateAgeOfOldestMessage({ ...MOST, label: 'Age of the oldest, seconds' })],
        ),
      ],
      [
        graph(
          'Errors of the functions',
          each((of, label) => of.metricErrors({ ...SUM, label })),
        ),
        graph(
          'Throttles of the functions',
          each((of, label) => of.metricThrottles({ ...SUM, label })),
        ),
      ],
      [
        graph('Attempts', [
          attempts.machine.metricStarted({ ...SUM, label: 'Begun' }),
          attempts.machine.metricSucceeded({ ...SUM, label: 'Ended' }),
          attempts.machine.metricFailed({ ...SUM, label: 'Failed' }),
          attempts.machine.metricAborted({ ...SUM, label: 'Aborted' }),
          attempts.machine.metricTimedOut({ ...SUM, label: 'Timed out' }),
        ]),
        graph('Shards given up', [deadletter.metricInvocations({ ...SUM, label: 'Calls of deadletter' })]),
      ],
    ],
  });
}
