/** An error of an AWS service: each protocol has its own way to write it. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = code; // what a state machine's Retry and Catch look at
    this.status = status;
    this.code = code;
  }
}
