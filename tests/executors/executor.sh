#!/bin/sh
# An executor as a shell script, for one course: one job spec on stdin, one result on stdout, one telemetry line on
# stderr. It knows nothing of slotgate. Of the allowlist it looks only at whether there is one at all.
began=$(date +%s%3N)
spec=$(cat)
id=$(printf %s "$spec" | sed -n 's/.*"jobId": *"\(run-[0-9a-z-]*\)".*/\1/p')
[ -n "$id" ] || { echo "INVALID job spec" >&2; exit 1; }

report() { # path status errorCode
  printf '{"version":"v1","executorVersion":"shell.v1","jobId":"%s","path":"%s","status":"%s","latencyMs":%s,' \
    "$id" "$1" "$2" $(($(date +%s%3N) - began)) >&2
  printf '"errorCode":%s}\n' "$3" >&2
}

answer() { # status output
  printf '{"version":"v1","jobId":"%s","status":"%s","generatedAt":"%s","output":%s}\n' \
    "$id" "$1" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$2"
}

stub() { # errorCode
  report stub STUB "$1"
  answer STUB null
  exit 0
}

failed() { # errorCode, and what came instead of an answer
  report openai FAILED "\"$1\""
  printf %s "$2" >&2
  exit 1
}

bucket() {
  hash=0
  for unit in $(printf %s "$id" | od -An -v -tu1); do hash=$(((31 * hash + unit) % 4294967296)); done
  echo $((hash % 100))
}

[ "$SLOTGEN_AI_KILL" != true ] || stub '"KILL_SWITCH"'
[ "$FEATURE_SLOTGEN_AI" = true ] || stub null
enabled=$(grep -o '"enabled": *[a-z]*' "$SLOTGEN_ALLOWLIST_PATH" | head -n 1)
case "$spec:$enabled" in *'"allowAI": true'*:*true) ;; *) stub '"NOT_ALLOWLISTED"' ;; esac
[ "$SLOTGEN_AI_ROLLOUT_PERCENT" = 0 ] || [ "$(bucket)" -lt "$SLOTGEN_AI_ROLLOUT_PERCENT" ] || stub '"ROLLOUT_EXCLUDED"'

[ -n "$OPENAI_API_KEY" ] || failed MISSING_API_KEY "Missing OPENAI_API_KEY"
request='{"model":"gpt-4.1","messages":[{"role":"user","content":"A lesson in one JSON object."}]}'
body=$(curl -sS -w '\n%{http_code}' -H "Authorization: Bearer $OPENAI_API_KEY" -H 'Content-Type: application/json' \
  -d "$request" "$OPENAI_BASE_URL/chat/completions" 2>&1) || failed OPENAI_REQUEST_FAILED "$body"
[ "${body##*
}" = 200 ] || failed OPENAI_HTTP_ERROR "$body"
report openai COMPLETED null
answer COMPLETED '{"content":"as the model said"}'
