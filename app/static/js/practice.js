// The student's page: heartbeat, answers that survive a dropped connection, the quiet clock, the hint's wait.
// Everything here is an extra; the forms work without it.

const BEAT_MS = 10_000;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const page = document.querySelector("main[data-heartbeat-url]");
const saveState = document.querySelector("[data-save-state]");
let serverAheadMs = 0;
let waiting = null; // the answer that has not reached the server yet: {form, tries, timer}; offline.js may let it go

const step = () => document.getElementById("step");
const serverNow = () => Date.now() + serverAheadMs;

// -- Each step that arrives -----------------------------------------------------------------------------------

function prepare() {
  const shown = step();
  if (shown.dataset.nowMs) serverAheadMs = Number(shown.dataset.nowMs) - Date.now();
  nameTheAnswer(shown);
  holdHint(shown);
  restoreClock(shown);
  linkLine(shown);
}

// The device names each answer, so that sending it twice counts once. The server's own name stands where the
// page is served without encryption and browsers offer no random names.
function nameTheAnswer(shown) {
  const field = shown.querySelector('[data-answer]:not([data-spare]) [name="client_id"]');
  if (field && window.crypto.randomUUID) field.value = window.crypto.randomUUID();
}

function holdHint(shown) {
  const button = shown.querySelector("[data-opens-at-ms]");
  if (!button) return;
  const left = Number(button.dataset.opensAtMs) - serverNow();
  button.disabled = left > 0;
  if (left > 0) setTimeout(() => { button.disabled = false; }, left);
}

// The slider of a number line and the box beside it say the same; the box is what is sent.
function linkLine(shown) {
  const slider = shown.querySelector("[data-line]");
  if (!slider) return;
  const box = shown.querySelector(`[name="${slider.dataset.line}"]`);
  const marks = slider.dataset.marks.split(" ");
  const follow = () => {
    const place = nearestMark(box.value, marks);
    if (place >= 0) slider.value = place;
    slider.setAttribute("aria-valuetext", box.value ? marks[slider.value] : "not set");
  };
  slider.hidden = false;
  slider.addEventListener("input", () => { box.value = marks[slider.value]; follow(); });
  box.addEventListener("input", follow);
  follow();
}

function nearestMark(text, marks) {
  const wanted = numberIn(text);
  const away = marks.map((mark) => Math.abs(numberIn(mark) - wanted));
  return away.indexOf(Math.min(...away)); // -1 where the text is no number yet
}

function numberIn(text) {
  const [, sign, whole, top, bottom] = /^\s*(-?)(?:(\d*\.?\d+)(?=\s|$))?\s*(?:(\d+)\/(\d+))?\s*$/.exec(text) ?? [];
  if (whole === undefined && top === undefined) return NaN;
  return (sign ? -1 : 1) * (Number(whole ?? 0) + (top ? Number(top) / Number(bottom) : 0));
}

// -- Clock ----------------------------------------------------------------------------------------------------

function restoreClock(shown) {
  const clock = shown.querySelector("[data-clock]");
  if (!clock) return;
  clock.open = sessionStorage.getItem("clock") !== "hidden";
  clock.addEventListener("toggle", () => sessionStorage.setItem("clock", clock.open ? "shown" : "hidden"));
}

// The teacher may give more time or stop the clock: the end moves, what the child typed stays.
function moveTheEnd(said) {
  if (said.now_ms) serverAheadMs = said.now_ms - Date.now();
  const clock = step().querySelector("[data-clock]");
  if (!clock || !("ends_at_ms" in said)) return;
  clock.dataset.endsAtMs = said.ends_at_ms ?? "";
  if (said.ends_at_text) clock.querySelector("time").textContent = `Station ends ${said.ends_at_text}`;
}

const announced = new Set();

function announceTime() {
  const endsAt = Number(step().querySelector("[data-clock]")?.dataset.endsAtMs);
  if (!endsAt) return;
  const left = (endsAt - serverNow()) / 60_000;
  for (const [minutes, sentence] of [[1, "One minute left."], [5, "Five minutes left."]]) {
    if (left > minutes || left <= 0) continue;
    const key = `${endsAt}:${minutes}`;
    if (!announced.has(key) && left > minutes - 0.5) window.announce(sentence);
    announced.add(key);
    return;
  }
}

// -- Heartbeat ------------------------------------------------------------------------------------------------

let hadInput = false; // since the last beat; the board tells idle students by it

for (const kind of ["keydown", "pointerdown", "input"]) {
  document.addEventListener(kind, () => { hadInput = true; }, { passive: true, capture: true });
}

function sendBeat() {
  const fields = new URLSearchParams({ stretch: step().dataset.stretch, input: hadInput ? "1" : "0" });
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  hadInput = false;
  return fetch(page.dataset.heartbeatUrl, { method: "POST", headers, body: fields, redirect: "manual" });
}

async function beat() {
  let said;
  try {
    const response = await sendBeat();
    if (response.type === "opaqueredirect" || [400, 401, 403, 404].includes(response.status)) return window.location.reload();
    if (!response.ok) return;
    if (isSomeoneElse(response.headers.get("X-Viewer"))) return window.location.reload();
    said = response.status === 204 ? {} : await response.json();
  } catch {
    return; // offline: the board sees the missing beat, the child goes on
  }
  moveTheEnd(said);
  if (said.changed && !waiting) htmx.ajax("GET", page.dataset.stationUrl, { target: "#step", select: "#step", swap: "outerHTML" });
}

function isSomeoneElse(viewer) {
  return Boolean(viewer) && viewer !== document.body.dataset.viewer;
}

// -- Answers that could not be sent ---------------------------------------------------------------------------

function keep(form) {
  if (!waiting) waiting = { form, tries: 0 };
  form.inert = true;
  saveState.textContent = "Saved here. We will send it.";
  waiting.timer = setTimeout(sendAgain, RETRY_MS[Math.min(waiting.tries, RETRY_MS.length - 1)]);
  waiting.tries += 1;
}

function sendAgain() {
  if (waiting) waiting.form.requestSubmit();
}

function answerOf(event) {
  const form = event.detail.elt.closest?.("[data-answer]");
  // The hint and help buttons share the form; only the answer itself must not get lost.
  return form && event.detail.requestConfig?.elt === form ? form : null;
}

for (const trouble of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(trouble, (event) => {
    const form = answerOf(event);
    if (form) keep(form);
    else saveState.textContent = "No network. Please try again.";
  });
}

// What is not a whole step did not come from our server, or not all of it: a guest network's own page, a broken line.
const isStep = (text) => text.includes('id="step"');

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, shouldSwap, serverResponse } = event.detail;
  if (target !== step() || !shouldSwap || isStep(serverResponse)) return;
  event.detail.shouldSwap = false;
  event.detail.isError = true;
});

document.addEventListener("htmx:responseError", (event) => {
  const form = answerOf(event);
  const { status } = event.detail.xhr;
  if (form && (status >= 429 || status < 400)) keep(form);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!waiting) saveState.textContent = answerOf(event) ? "Sending…" : "";
});

document.addEventListener("htmx:afterSwap", () => {
  if (waiting) clearTimeout(waiting.timer);
  waiting = null;
  saveState.textContent = "";
  prepare();
});

window.addEventListener("online", sendAgain);
window.addEventListener("beforeunload", (event) => {
  if (waiting) event.preventDefault();
});

prepare();
if (page) setInterval(beat, BEAT_MS); // none on the page that is kept for when there is no network
setInterval(announceTime, 1_000);
