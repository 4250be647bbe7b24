// What the stop panel says, in words. It stands before stop-panel.js in one file: see dashboard/web/pages.py.

const SHELL = "slotgate kill";
const SIGNS = { LIVE: "●", "STUB ONLY": "○", KILLED: "■", UNKNOWN: "?" };
const CONFIRMATION_SIGNS = { ENGAGED: "…", DRAINING: "…", CONFIRMED: "✓", BREACHED: "✕", UNCONFIRMED: "?", UNKNOWN: "?" };
const HEARD = {
  ENGAGED: "Telemetry has not shown the stop yet.",
  DRAINING: "Calls from before the stop are ending; telemetry has not confirmed it yet.",
  CONFIRMED: "Telemetry confirms the stop.",
  BREACHED: "Breached: a call was started after the stop.",
  UNCONFIRMED: "Telemetry has not confirmed the stop in time.",
  UNKNOWN: "The confirmation by telemetry is not known yet.",
};

function stateWords(at, facts, silent) {
  if (silent) return at.answered ? "? STATE UNKNOWN: the server does not answer" : "… reading the state";
  if (facts === null) return "? Sign in to see the state and to stop";
  if (facts.state === "STATE UNKNOWN") return `? STATE UNKNOWN: ${facts.why}`;
  if (facts.state === "KILLED") return `■ STOPPED${facts.by ? ` by ${short(facts.by)}` : ""}${facts.since ? ` ${clock(facts.since)}` : ""}`;
  return `${SIGNS[facts.state] || ""} ${facts.state}`;
}

function factWords(facts) {
  const parts = [facts.why];
  if (facts.environment !== null) parts.push(`environment ${facts.environment}`);
  if (facts.step !== null) parts.push(`step ${facts.step}`);
  if (facts.percent !== null) parts.push(`${facts.percent} %`);
  if (facts.scope !== null) parts.push(facts.scope);
  if (facts.revision !== null) parts.push(`revision ${facts.revision}`);
  return parts.join(" · ");
}

function effect(facts) {
  const where = facts && facts.environment ? ` of ${facts.environment}` : "";
  const open = facts && facts.percent !== null ? ` Open now: ${facts.percent} % of ${facts.scope}.` : "";
  return `Stops every AI call${where} at once: each job's next decision is a stub, jobs go on without AI.${open} Needs no approval. Release takes two people.`;
}

function barredWords(at) {
  if (at.facts && at.facts.signIn === false) return `Nobody can sign in to this home, so nothing is stopped from here: run \`${SHELL}\`.`;
  if (at.signedOut) return `You are not signed in. In a shell on the host, \`${SHELL}\` stops without any sign-in.`;
  return `You may look. To stop takes the role oncall or engineering_owner: call the rota, or run \`${SHELL}\`.`;
}

function resultWords(result) {
  const how = result.by === "removal" ? "the control file was taken away" : `revision ${result.revision}`;
  const before = result.already ? "It was stopped before. " : "";
  return `${before}Every decision from now on is a stub: ${how}, in ${Number(result.took_ms).toFixed(0)} ms. Read back: ${result.read_back}.`;
}

// Whether telemetry confirms the stop. Only what telemetry showed is said to be confirmed.
function confirmationOf(facts) {
  if (facts === null || facts.state !== "KILLED") return null;
  return facts.confirmation || { state: "UNKNOWN", words: "confirmation not known yet", at: null };
}

function confirmationWords(confirmation) {
  return `${CONFIRMATION_SIGNS[confirmation.state] || "?"} ${confirmation.words}`;
}

// What a screen reader is told: the word, when it changes, and not the seconds that pass.
function confirmationHeard(confirmation) {
  return HEARD[confirmation.state] || HEARD.UNKNOWN;
}

// For the incident channel: what was done, by whom, when, and whether telemetry confirms it.
function status(at, silent) {
  const facts = silent ? null : at.facts;
  const where = facts && facts.environment ? ` ${facts.environment}` : "";
  if (at.failure) return `slotgate${where}: STOP FAILED (${at.failure}). Run \`${SHELL}\` on the host.`;
  const shown = confirmationOf(facts);
  const telemetry = ` Telemetry: ${shown ? shown.words : "confirmation not known yet"}.`;
  if (at.result) return `slotgate${where}: all AI calls STOPPED by ${short(at.result.actor)} at ${at.result.at}, revision ${at.result.revision}. Read back: ${at.result.read_back}.${telemetry}`;
  if (facts === null || facts.state === "STATE UNKNOWN") return `slotgate${where}: STATE UNKNOWN`;
  if (facts.state !== "KILLED") return `slotgate${where}: ${facts.state}`;
  const by = facts.by ? ` by ${short(facts.by)}` : "", since = facts.since ? ` at ${facts.since}` : "";
  return `slotgate${where}: all AI calls STOPPED${by}${since}, revision ${facts.revision}.${telemetry}`;
}

function commandWords() {
  return `${SHELL}\n\ncurl -X POST -H 'X-Slotgate-Request: 1' -H "Authorization: Bearer $SLOTGATE_TOKEN" \\\n  ${location.origin}/api/v1/kill`;
}

function short(operator) { const cut = String(operator).indexOf("|"); return cut < 0 ? String(operator) : String(operator).slice(cut + 1); }
function clock(instant) { const at = new Date(instant); return Number.isNaN(at.getTime()) ? String(instant) : at.toLocaleTimeString("en-GB"); }
