/* global Buffer */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Runs inside a sandbox: loads the function's handler, then takes one invocation after another from the host, over the
 * channel that fork() made. Ends with the host.
 */

const { LAMBDA_TASK_ROOT: root, _HANDLER: handlerName, AWS_LAMBDA_FUNCTION_NAME: functionName } = process.env;

process.on('disconnect', () => process.exit());

const described = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** After this line nothing more of the invocation is in the log; the host waits for it. */
const end = (id) => process.stdout.write(`END RequestId: ${id}\n`);

async function load() {
  const [module, name] = handlerName.split('.');
  const file = ['.mjs', '.js', '.cjs'].map((extension) => join(root, module + extension)).find(existsSync);
  if (!file) throw Object.assign(new Error(`Cannot find module '${module}'`), { name: 'Runtime.ImportModuleError' });
  const loaded = await import(pathToFileURL(file).href);
  const handler = loaded[name] ?? loaded.default?.[name];
  if (typeof handler !== 'function')
    throw Object.assign(new Error(`${handlerName} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  return handler;
}

function invoke(handler, { id, arn, event, deadline }) {
  const context = {
    functionName,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: arn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: id,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  return handler(JSON.parse(event), context);
}

/** Lambda's limit on an answer. */
const LARGEST_ANSWER = 6_291_556;

async function answer(handler, invocation) {
  try {
    const payload = JSON.stringify((await invoke(handler, invocation)) ?? null);
    const size = Buffer.byteLength(payload);
    if (size > LARGEST_ANSWER)
      throw Object.assign(new Error(`Response payload size exceeded maximum allowed payload size (${LARGEST_ANSWER} bytes).`), {
        name: 'Function.ResponseSizeTooLarge',
      });
    return { payload };
  } catch (error) {
    return { error: 'Unhandled', payload: JSON.stringify(described(error)) };
  }
}

try {
  const handler = await load();
  process.on('message', async (invocation) => {
    const result = await answer(handler, invocation);
    end(invocation.id);
    process.send({ id: invocation.id, ...result });
  });
  process.send({ ready: true });
} catch (error) {
  process.on('message', ({ id }) => {
    end(id);
    process.send({ id, error: 'Unhandled', payload: JSON.stringify(described(error)) });
  });
  process.send({ ready: true, broken: true });
}
