// The sign-in: sends what was typed to our own route, then goes where the person wanted to go.

const HEADERS = { "Content-Type": "application/json", "X-Slotgate-Request": "1" };
const said = document.getElementById("said");
const asked = new URLSearchParams(location.search);

// A path of ours, and nothing else.
function target() {
  const wanted = asked.get("next") || "/";
  try {
    const url = new URL(wanted, location.origin);
    return wanted.startsWith("/") && url.origin === location.origin ? url.pathname + url.search + url.hash : "/";
  } catch { return "/"; }
}

async function signIn(body, buttons) {
  said.textContent = "";
  for (const button of buttons) button.disabled = true;
  try {
    const response = await fetch("/api/v1/sign-in", { method: "POST", headers: HEADERS, body: JSON.stringify(body), cache: "no-store", redirect: "error" });
    if (response.ok) { location.replace(target()); return; }
    const problem = await response.json();
    said.textContent = problem.detail || `the server answered ${response.status}`;
  } catch { said.textContent = "The server does not answer; try again. In a shell on the host, `slotgate kill` stops."; }
  for (const button of buttons) button.disabled = false;
}

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(Object.fromEntries(new FormData(form)), form.querySelectorAll("button"));
  });
}

const way = document.getElementById("provider");
if (way) way.href = `/sign-in/provider?${new URLSearchParams({ next: target(), ...(asked.has("again") ? { again: "1" } : {}) })}`;

if (location.hash.startsWith("#code=")) {
  const code = decodeURIComponent(location.hash.slice(6));
  history.replaceState(null, "", location.pathname + location.search);
  signIn({ code }, document.querySelectorAll("button"));
} else if (!asked.has("again")) {
  // A link from another site arrives without our cookie: whoever is signed in already goes on.
  fetch("/api/v1/state", { cache: "no-store" }).then((response) => (response.ok ? response.json() : null)).then((state) => {
    if (state && state.you && state.you.standing === "live") location.replace(target());
    else if (state && state.you && !said.textContent) said.textContent = "Your session ran out; sign in again. The stop page still takes it.";
  }).catch(() => {});
}
