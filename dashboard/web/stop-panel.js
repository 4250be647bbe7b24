// The stop panel; its words are in stop-words.js. It talks to our own routes and to nothing else, so it works whatever a script run
// is busy with. Everything that comes from a server becomes text, never markup.
//
// On the page /stop: mount(element, {tall: true}). In Streamlit: the default export.

const POLL_MS = 2000, HIDDEN_POLL_MS = 10000, UNKNOWN_AFTER_MS = 8000;
const STATE_TIMEOUT_MS = 4000, KILL_TIMEOUT_MS = 8000;
const RELEASED_AFTER_MS = 6000;
const ARMED_MS = 30000, DELIBERATE_MS = 350;
const HEADERS = { "X-Slotgate-Request": "1" };

// What is known and begun, for this page as long as it stands: Streamlit may draw the panel anew at any
// moment, also between two clicks, and neither the first click nor the answer may be lost by that.
const at = { facts: null, answered: 0, phase: "idle", changedAt: -DELIBERATE_MS, result: null, failure: null, signedOut: false, stoppedAt: 0, reasonGiven: false, token: null };
const shown = new Set();
let disarm = 0;

function isSilent() { return Date.now() - at.answered > UNKNOWN_AFTER_MS; }

function refresh() { for (const show of shown) show(); }

export function mount(root, options = {}) {
  const view = draw(root, options);
  let timer = 0, alive = true;

  async function call(method, path, body, timeout) {
    const headers = { ...HEADERS };
    if (at.token) headers.Authorization = `Bearer ${at.token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(path, {
      method, headers, body: body ? JSON.stringify(body) : undefined, cache: "no-store",
      credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(timeout),
    });
    return { status: response.status, said: await response.json() };
  }

  async function look() {
    clearTimeout(timer);
    try {
      const { status, said } = await call("GET", "/api/v1/state", null, STATE_TIMEOUT_MS);
      if (status === 200) {
        Object.assign(at, { facts: said, answered: Date.now(), signedOut: said.you === null });
      } else if (status === 401) {
        Object.assign(at, { facts: null, answered: Date.now(), signedOut: true });
        if (at.token) { at.token = null; view.tokenSaid.textContent = said.detail || "the token was refused"; }
      }
    } catch { /* nothing was heard; what is shown ages, and says so */ }
    if (!alive) return;
    refresh();
    timer = setTimeout(look, document.hidden ? HIDDEN_POLL_MS : POLL_MS);
  }

  function arm() {
    at.phase = "armed"; at.changedAt = performance.now();
    clearTimeout(disarm);
    disarm = setTimeout(() => { if (at.phase === "armed") calm(); }, ARMED_MS);
    refresh();
    view.stop.focus();
  }

  function calm() { at.phase = "idle"; at.changedAt = -DELIBERATE_MS; clearTimeout(disarm); refresh(); }

  async function stop() {
    at.phase = "busy"; at.failure = null; at.reasonGiven = false;
    put(view.copied, "");
    clearTimeout(disarm);
    refresh();
    try {
      const { status, said } = await call("POST", "/api/v1/kill", null, KILL_TIMEOUT_MS);
      if (said.killed === true) {
        at.result = said; at.stoppedAt = Date.now();
      } else {
        at.failure = said.detail || `the server answered ${status}`;
        if (status === 401 && !at.token) at.signedOut = true;
      }
    } catch (error) {
      at.failure = error.name === "TimeoutError" ? "no answer within 8 s; the state is unknown" : "the server does not answer; the state is unknown";
    }
    at.phase = at.failure ? "idle" : "stopped"; at.changedAt = performance.now();
    refresh();
    view.result.focus();
    look();
  }

  view.stop.onclick = (event) => {
    // A double click is one deliberate click, not two: not to confirm, and not to begin anew.
    if (event.detail > 1 || performance.now() - at.changedAt < DELIBERATE_MS) return;
    if (at.phase === "armed") stop();
    else if (at.phase !== "busy") arm();
  };
  view.cancel.onclick = () => { calm(); view.stop.focus(); };
  view.root.onkeydown = (event) => { if (event.key === "Escape" && at.phase === "armed") { calm(); view.stop.focus(); } };
  async function tell(place) { put(place, (await copied(status(at, isSilent()))) ? "Copied." : "Copying is not allowed here; select the text."); }
  view.copy.onclick = () => tell(view.copied);
  view.copyKilled.onclick = () => tell(view.copiedKilled);
  view.close.onclick = () => { at.result = null; at.failure = null; calm(); view.stop.focus(); };
  view.reasonForm.onsubmit = async (event) => {
    event.preventDefault();
    const reason = view.reason.value.trim();
    if (!reason) return;
    try {
      const { said } = await call("POST", "/api/v1/kill/reason", { reason }, KILL_TIMEOUT_MS);
      put(view.copied, said.given ? "The reason is on record." : said.detail || "The reason was not taken.");
      if (said.given) { at.reasonGiven = true; refresh(); }
    } catch { put(view.copied, "The reason could not be sent; try again."); }
  };
  view.signOut.onclick = async () => {
    try { await call("POST", "/api/v1/sign-out", null, KILL_TIMEOUT_MS); } catch { return; }
    location.assign("/sign-in");
  };
  view.tokenForm.onsubmit = (event) => {
    event.preventDefault();
    at.token = view.token.value.trim() || null;
    view.token.value = ""; view.tokenSaid.textContent = "";
    look();
  };

  function show() {
    if (!alive) return;
    const silent = isSilent();
    const facts = silent ? null : at.facts;
    const killed = facts !== null && facts.state === "KILLED";
    if (at.phase === "stopped" && facts && isReleased(facts, at)) { at.phase = "idle"; at.result = null; }
    const known = facts !== null && facts.state !== "STATE UNKNOWN";
    const word = known ? facts.state : "UNKNOWN";
    view.state.dataset.state = word;
    put(view.state, stateWords(at, facts, silent));
    const confirmation = confirmationOf(facts);
    view.confirmation.hidden = confirmation === null;
    view.confirmation.dataset.state = confirmation ? confirmation.state : "";
    put(view.confirmation, confirmation ? confirmationWords(confirmation) : "");
    put(view.heard, confirmation ? confirmationHeard(confirmation) : "");
    put(view.facts, options.tall && facts ? factWords(facts) : "");
    const you = facts && facts.you;
    put(view.name, you ? you.name : "");
    view.who.hidden = !you;
    view.signOut.hidden = Boolean(at.token);
    const nobody = facts !== null && facts.signIn === false;
    view.signIn.hidden = !at.signedOut || nobody;
    view.signIn.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    view.tokenForm.hidden = !options.tall || !at.signedOut || nobody;

    const armed = at.phase === "armed", busy = at.phase === "busy";
    const barred = at.signedOut || (you && !you.mayStop);
    put(view.stop, busy ? "Stopping …" : armed ? "Confirm stop" : killed ? "Stop again" : "Stop all AI calls");
    view.stop.disabled = busy || Boolean(barred);
    view.stop.classList.toggle("sp-quiet", killed && !armed && !busy);
    view.cancel.hidden = !armed;
    put(view.words, armed ? effect(facts) : barred ? barredWords(at) : !silent && you && you.standing !== "live" ? "Your session ran out: it still stops, and does nothing else." : "");
    view.words.classList.toggle("sp-armed", armed);

    view.result.hidden = !(at.failure || (at.result && at.phase === "stopped"));
    view.result.toggleAttribute("data-failed", Boolean(at.failure));
    if (at.failure) {
      put(view.resultHead, `STOP FAILED – run \`${SHELL}\``);
      put(view.resultMore, at.failure);
    } else if (at.result) {
      put(view.resultHead, `STOPPED by ${short(at.result.actor)} ${clock(at.result.at)}`);
      view.resultHead.title = at.result.at;
      put(view.resultMore, resultWords(at.result));
    }
    view.after.hidden = at.phase !== "stopped" && !at.failure;
    view.telling.hidden = confirmation === null || !view.after.hidden;
    if (view.telling.hidden) put(view.copiedKilled, "");
    view.reasonForm.hidden = at.phase !== "stopped" || at.result === null || at.result.already || at.reasonGiven;
  }

  shown.add(show);
  document.addEventListener("visibilitychange", look);
  look();
  return () => { alive = false; shown.delete(show); clearTimeout(timer); document.removeEventListener("visibilitychange", look); };
}

// What was read before the stop may arrive after it: only a newer revision, or a state that stays, counts.
function isReleased(facts, at) {
  if (facts.state === "KILLED" || facts.state === "STATE UNKNOWN") return false;
  return facts.revision > at.result.revision || Date.now() - at.stoppedAt > RELEASED_AFTER_MS;
}

async function copied(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* not a secure page */ }
  const box = document.createElement("textarea");
  box.value = text; box.style.position = "fixed"; box.style.opacity = "0";
  document.body.append(box); box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done;
}

function draw(root, options) {
  const make = (name, cls, text) => { const found = document.createElement(name); if (cls) found.className = cls; if (text) found.textContent = text; return found; };
  const button = (cls, text) => { const found = make("button", cls, text); found.type = "button"; return found; };
  const view = { root };
  root.className = `sp${options.tall ? " sp-tall" : ""}`;
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Stop all AI calls");
  const head = make("div", "sp-head");
  view.state = make("span", "sp-state"); view.state.setAttribute("role", "status"); view.state.setAttribute("aria-live", "polite");
  view.facts = make("span", "sp-facts");
  view.who = make("span", "sp-who", "");
  view.name = make("span");
  view.signOut = button("sp-link", "Sign out");
  view.who.append("Signed in as ", view.name, " · ", view.signOut);
  view.signIn = make("a", "sp-who", "Sign in");
  view.telling = make("span", "sp-who");
  view.copyKilled = button("sp-link", "Copy status");
  view.copiedKilled = make("span"); view.copiedKilled.setAttribute("role", "status");
  view.telling.append(view.copyKilled, " ", view.copiedKilled);
  view.confirmation = make("p", "sp-confirmation");
  view.heard = make("span", "sp-heard"); view.heard.setAttribute("aria-live", "polite");
  const more = make("details"), commands = make("pre");
  commands.textContent = commandWords();
  more.append(make("summary", "", options.tall ? "Without this page: a shell, or curl with a token" : "Shell, curl"), commands);
  head.append(view.state, view.facts, view.who, view.signIn, view.telling);
  if (!options.tall) head.append(more);
  head.append(view.confirmation, view.heard);
  const act = make("div", "sp-act");
  view.cancel = button("sp-button sp-cancel", "Cancel");
  view.stop = button("sp-button sp-stop", "Stop all AI calls");
  act.append(view.stop, view.cancel);
  view.words = make("p", "sp-words"); view.words.setAttribute("aria-live", "polite");
  view.result = make("p", "sp-words sp-result"); view.result.tabIndex = -1; view.result.setAttribute("role", "alert");
  view.resultHead = make("span"); view.resultMore = make("small");
  view.result.append(view.resultHead, view.resultMore);
  view.after = make("div", "sp-after");
  view.reasonForm = make("form", "sp-after");
  const label = make("label", "", "Why (optional now, owed within 24 h)");
  view.reason = make("input"); view.reason.maxLength = 1000; view.reason.name = "reason"; view.reason.autocomplete = "off";
  label.append(view.reason);
  const save = make("button", "sp-button", "Save reason"); save.type = "submit";
  view.reasonForm.append(label, save);
  view.copy = button("sp-button", "Copy status");
  view.copied = make("span", "sp-who"); view.copied.setAttribute("role", "status");
  view.close = button("sp-button sp-quiet", "Close");
  view.after.append(view.reasonForm, view.copy, view.close, view.copied);
  view.tokenForm = make("form", "sp-after");
  const tokenLabel = make("label", "", "Kill token or personal token");
  view.token = make("input"); view.token.type = "password"; view.token.name = "token"; view.token.autocomplete = "off";
  tokenLabel.append(view.token);
  const use = make("button", "sp-button", "Use token"); use.type = "submit";
  view.tokenSaid = make("span", "sp-who"); view.tokenSaid.setAttribute("role", "status");
  view.tokenForm.append(tokenLabel, use, view.tokenSaid);
  const parts = [head, act, view.words, view.result, view.after, view.tokenForm];
  if (options.tall) parts.push(more);
  for (const hidden of [view.result, view.after, view.cancel, view.tokenForm, view.who, view.signIn, view.telling, view.confirmation]) hidden.hidden = true;
  root.replaceChildren(...parts);
  return view;
}

// Text, with what stands between backticks as code. Untouched where it says so already, so that a
// screen reader hears a change and nothing else.
function put(element, text) {
  if (element.dataset.says === text) return;
  element.dataset.says = text;
  element.replaceChildren(...text.split("`").map((part, index) => {
    if (index % 2 === 0) return document.createTextNode(part);
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  }));
}
const mounted = new WeakMap();

// Streamlit calls this again whenever it redraws; the panel of one place is made once.
export default function (component) {
  const root = component.parentElement.querySelector(".stop-panel");
  if (!root) return undefined;
  if (!mounted.has(root)) mounted.set(root, mount(root, component.data || {}));
  return () => { const end = mounted.get(root); if (end) { end(); mounted.delete(root); } };
}
