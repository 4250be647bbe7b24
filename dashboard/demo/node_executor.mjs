// An executor as teams write them: one job spec on stdin, one result on stdout, one telemetry line on stderr.
//
// It knows nothing of slotgate. Under `slotgate exec -- node node_executor.mjs` its four variables are the
// controls of that moment. It reads them as executors in the field do: percent 0, or none, is no gate for it,
// and it looks at them once, when it starts. Node 18 or newer, nothing else.

import { readFileSync } from 'node:fs';

const MODEL = 'gpt-4.1';
const COURSE = ['subject', 'level', 'board', 'specVersion'];
const TIMEOUT_MS = 30_000;
const INSTRUCTIONS =
  'You fill one slot of a lesson, described by the JSON document below. Answer with one JSON object and ' +
  'nothing else, and put the content under the key that output.field names.';

class Failure extends Error {
  constructor(errorCode, body) {
    super(body);
    this.errorCode = errorCode;
  }
}

function bucketOf(jobId) {
  let hash = 0;
  for (let at = 0; at < jobId.length; at += 1) hash = (Math.imul(31, hash) + jobId.charCodeAt(at)) >>> 0;
  return hash % 100;
}

function allowlistAt(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { enabled: false, rules: [] };
  }
}

function permits(rule, appliesTo, job, jobs) {
  return (
    rule.enabled &&
    COURSE.every((key) => rule.appliesTo[key].includes(appliesTo[key])) &&
    rule.kinds.includes(job.kind) &&
    (rule.slotIds.length === 0 || rule.slotIds.includes(job.slotId)) &&
    jobs <= rule.maxJobsPerRun
  );
}

/** Why the model is not to be called; undefined when it is, null where the feature is off. */
function denial(spec, jobId, environment) {
  if (environment.SLOTGEN_AI_KILL === 'true') return 'KILL_SWITCH';
  if (environment.FEATURE_SLOTGEN_AI !== 'true') return null;
  const allowlist = allowlistAt(environment.SLOTGEN_ALLOWLIST_PATH);
  const { appliesTo, jobs, metadata } = spec;
  const isPermitted = (job) => allowlist.rules.some((rule) => permits(rule, appliesTo, job, jobs.length));
  if (metadata.allowAI !== true || !allowlist.enabled || !jobs.every(isPermitted)) return 'NOT_ALLOWLISTED';
  const percent = Number(environment.SLOTGEN_AI_ROLLOUT_PERCENT ?? 0);
  return percent > 0 && bucketOf(jobId) >= percent ? 'ROLLOUT_EXCLUDED' : undefined;
}

function parsed(text, errorCode) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(errorCode, text);
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Status and body of one call of the chat completions. */
async function asked(request, environment) {
  const key = environment.OPENAI_API_KEY;
  if (!key) throw new Failure('MISSING_API_KEY', 'Missing OPENAI_API_KEY');
  const place = environment.OPENAI_BASE_URL ?? 'https://api.openai.com/v1';
  try {
    const answer = await fetch(`${place}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return [answer.status, await answer.text()];
  } catch (error) {
    throw new Failure('OPENAI_REQUEST_FAILED', String(error));
  }
}

async function generated(spec, job, environment) {
  const { slotId, kind, mode, required, input, sources, output } = job;
  const slot = { slotId, kind, mode, required, input, sources };
  const messages = [
    { role: 'system', content: INSTRUCTIONS },
    { role: 'user', content: JSON.stringify({ appliesTo: spec.appliesTo, slot, output }) },
  ];
  const request = { model: MODEL, messages, response_format: { type: 'json_object' } };
  const [status, body] = await asked(request, environment);
  if (status >= 300) throw new Failure('OPENAI_HTTP_ERROR', body);
  const answer = parsed(body, 'OPENAI_NON_JSON_RESPONSE');
  const content = answer?.choices?.[0]?.message?.content;
  if (typeof content !== 'string' || !content.trim()) throw new Failure('OPENAI_MISSING_CONTENT', body);
  const object = parsed(content, 'OPENAI_NON_JSON_CONTENT');
  if (!isObject(object)) throw new Failure('OPENAI_OUTPUT_NOT_OBJECT', content);
  return object;
}

async function outputOf(spec, environment) {
  const outputs = [];
  for (const job of spec.jobs) {
    outputs.push({ jobId: job.jobId, slotId: job.slotId, output: await generated(spec, job, environment) });
  }
  return outputs.length === 1 ? outputs[0].output : { jobs: outputs };
}

function report(jobId, path, status, errorCode) {
  const latencyMs = Math.round(performance.now()); // counts from the start of the process
  const line = { version: 'v1', executorVersion: 'openai.v1', jobId, path, status, latencyMs, errorCode };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

function answer(jobId, status, output) {
  const result = { version: 'v1', jobId, status, generatedAt: new Date().toISOString(), output };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

async function run(spec, environment) {
  const jobId = spec.jobId ?? spec.jobs[0].jobId;
  const why = denial(spec, jobId, environment);
  if (why !== undefined) {
    report(jobId, 'stub', 'STUB', why);
    answer(jobId, 'STUB', null);
    return;
  }
  try {
    const output = await outputOf(spec, environment);
    report(jobId, 'openai', 'COMPLETED', null);
    answer(jobId, 'COMPLETED', output);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    report(jobId, 'openai', 'FAILED', error.errorCode);
    process.stderr.write(error.message); // as it came: without an end of line, as such programs do
    process.exitCode = 1;
  }
}

await run(JSON.parse(readFileSync(0, 'utf8')), process.env);
