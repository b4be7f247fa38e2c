// The student's page through a drop of the network: answers are kept on the device, and there is a next question.
// Runs behind device.js and practice.js, whose `waiting` is the answer that is being sent again and again.

(() => {
  if (!device) return;

  const REFRESH_AFTER = 3; // questions
  const SOON_MS = 1_500;
  const ASK_EVERY_MS = 5_000;
  const BYE_MS = 3_000;
  const main = document.querySelector("main[data-station-url]");
  const words = document.getElementById("offline-words").dataset;
  const more = document.querySelector("[data-next-offline]");
  const kept = !main.dataset.ticket; // this is the page that the device keeps, opened without network
  let me = { viewer: document.body.dataset.viewer, ticket: main.dataset.ticket };
  let shownAt = performance.now();
  let sinceSpares = REFRESH_AFTER;
  let soon; // when the next ones are fetched

  const isSpare = () => Boolean(step().querySelector("[data-spare]"));

  function say(...sentences) {
    saveState.textContent = sentences.filter(Boolean).join(" ");
  }

  async function tell() {
    const count = await device.unsent(me.viewer);
    const said = count === 1 ? words.one : words.many.replace("{count}", count);
    say(count || waiting ? words.saved : "", count ? said : "");
  }

  function entryOf(form, over) {
    const fields = Object.fromEntries(new FormData(form));
    const { client_id: id, sure = "", csrf_token: _, ...given } = fields;
    const serving = /\/servings\/(\d+)\//.exec(form.getAttribute("action") ?? "")?.[1] ?? "";
    form.dataset.seconds ??= String((performance.now() - shownAt) / 1000);
    const spare = form.dataset.spare ?? "";
    return { id, serving, spare, fields: given, sure, seconds: Number(form.dataset.seconds), over, ticket: me.ticket };
  }

  // -- Questions in reserve -------------------------------------------------------------------------------------

  async function fetchSpares() {
    if (!me.ticket || waiting || isSpare()) return;
    const response = await fetch(main.dataset.sparesUrl, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!response.ok || isSomeoneElse(response.headers.get("X-Viewer"))) return;
    const { spares } = await response.json();
    const clock = step().querySelector("[data-clock]");
    const until = Number(clock?.dataset.endsAtMs) || serverNow() + 20 * 60_000;
    const face = document.querySelector(".viewer-name svg")?.outerHTML ?? "";
    const shown = step().dataset.item;
    await device.putSpares(me.viewer, until - serverAheadMs, { ticket: me.ticket, face }, spares.filter((one) => one.item !== shown));
    sinceSpares = 0;
  }

  function freshen() {
    const { kind, item } = step().dataset;
    if (kind !== "question" || isSpare()) return;
    sinceSpares += 1;
    device.withoutItem(me.viewer, item).catch(() => {});
    clearTimeout(soon);
    if (sinceSpares >= REFRESH_AFTER) soon = setTimeout(() => fetchSpares().catch(() => {}), SOON_MS);
  }

  function swap(html) {
    htmx.swap("#step", html, { swapStyle: "outerHTML" });
    more.hidden = true;
  }

  async function showSpare() {
    const spare = await device.takeSpare(me.viewer);
    swap(spare ? spare.html : document.getElementById("offline-card").innerHTML.replace('id="step-offline"', 'id="step"'));
    window.scrollTo(0, 0);
    await tell();
  }

  // Ask the server how things stand; it shows what became of the last answer.
  function goBack() {
    if (kept) window.location.replace(main.dataset.stationUrl);
    else htmx.ajax("GET", main.dataset.stationUrl, { target: "#step", select: "#step", swap: "outerHTML" });
  }

  async function offerMore() {
    await tell();
    if (await device.sparesLeft(me.viewer)) more.hidden = false;
  }

  more.addEventListener("click", async () => {
    const form = waiting?.form;
    if (form) {
      clearTimeout(waiting.timer);
      waiting = null;
      device.sendsItself(undefined);
      htmx.trigger(form, "htmx:abort");
      await device.keep(me.viewer, entryOf(form, true));
    }
    await showSpare();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-spare]")) return;
    event.preventDefault();
    const entry = entryOf(form, true);
    form.inert = true;
    await device.keep(me.viewer, entry);
    await device.dropHand(me.viewer, entry.id);
    try {
      await device.send();
    } catch {
      return showSpare();
    }
    goBack();
  });

  // -- Every answer is on the device until the server has it --------------------------------------------------------

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = answerOf(event);
    if (!form) return;
    const entry = entryOf(form, false);
    device.sendsItself(entry.id);
    device.keep(me.viewer, entry).catch(() => {});
  });

  // By now the form may be gone from the page, and with it what the event says of where it happened.
  document.addEventListener("htmx:afterRequest", async (event) => {
    const form = event.detail.requestConfig?.elt;
    if (!form?.matches("[data-answer]") || !event.detail.successful || !isStep(event.detail.xhr.responseText)) return;
    device.sendsItself(undefined);
    await device.forget([entryOf(form, false).id]).catch(() => {});
  });

  // Behind practice.js, which has heard of it first and keeps the form.
  for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(trouble, () => { if (waiting) offerMore().catch(() => {}); });
  }

  document.addEventListener("htmx:afterSwap", () => {
    shownAt = performance.now();
    more.hidden = true;
    freshen();
  });

  device.onSent(() => {
    if (isSpare()) say(words.sent);
    else if (step().dataset.kind === "offline") goBack();
    else if (!waiting) say("");
  });

  // -- Goodbye --------------------------------------------------------------------------------------------------

  const bye = document.querySelector("form[action$='/sign-out']");
  let asked = false;

  bye?.addEventListener("submit", async (event) => {
    if (bye.dataset.sure) return;
    event.preventDefault();
    const patience = new Promise((_, reject) => { setTimeout(reject, BYE_MS); });
    if (await device.unsent(me.viewer).catch(() => 0)) await Promise.race([device.send(), patience]).catch(() => {});
    const count = await device.unsent(me.viewer).catch(() => 0);
    if (count && !asked) {
      asked = true;
      return say(count === 1 ? words.one : words.many.replace("{count}", count), words.bye);
    }
    await device.clearSpares().catch(() => {});
    if (count) bye.append(Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: "1" }));
    waiting = null;
    bye.dataset.sure = "1";
    bye.requestSubmit();
  });

  // -- A page that was opened without network -----------------------------------------------------------------------

  async function comeBack() {
    const last = await device.lastStudent();
    if (!last) return;
    me = last;
    const hello = document.querySelector("[data-hello]");
    hello.querySelector("[data-face]").innerHTML = last.face;
    hello.hidden = false;
    hello.querySelector("button").addEventListener("click", showSpare);
    await tell();
  }

  async function askForTheServer() {
    if (isSpare()) return;
    try {
      await device.post("", []);
    } catch {
      return;
    }
    await device.send().catch(() => {});
    goBack();
  }

  if (kept) {
    comeBack().catch(() => {});
    setInterval(askForTheServer, ASK_EVERY_MS);
    window.addEventListener("online", askForTheServer);
  } else {
    navigator.serviceWorker?.register("/worker.js").catch(() => {});
    freshen();
  }
})();
