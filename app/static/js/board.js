// The teacher's board: keeps the stream honest, opens the drawer, moves by keys, puts the focus back.

const STALE_MS = 15_000;
const POLL_MS = 3_000;
const stream = document.querySelector("[data-stream]");
const stale = document.querySelector("[data-stale]");
const drawer = document.getElementById("drawer");
let heardAt = Date.now(); // when the stream last said anything
let updatedAt = Date.now(); // when the board last showed the truth, by stream or by asking
let asking = false;

const board = () => document.getElementById("board");

// -- Stream, and asking when it is silent ---------------------------------------------------------------------

document.addEventListener("htmx:sseBeforeMessage", () => {
  heardAt = updatedAt = Date.now();
  showStale();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "board" || event.target.id === "board") boardArrived();
});

function boardArrived() {
  updatedAt = Date.now();
  window.tick();
  showStale();
}

async function ask() {
  if (asking || document.hidden || Date.now() - heardAt < STALE_MS) return;
  asking = true;
  try {
    const response = await fetch(stream.dataset.pollUrl, { headers: { "HX-Request": "true" }, redirect: "manual" });
    if (response.type === "opaqueredirect" || response.status === 401) return window.location.reload();
    if (response.ok) {
      Idiomorph.morph(board(), await response.text(), { morphStyle: "outerHTML" });
      htmx.process(board());
      boardArrived();
    }
  } catch {
    // still away; the banner says so
  } finally {
    asking = false;
    showStale();
  }
}

function showStale() {
  const late = Date.now() - updatedAt > STALE_MS;
  stale.hidden = !late;
  board().classList.toggle("board-stale", late);
  if (late) stale.querySelector("[data-stale-since]").textContent = new Date(updatedAt).toLocaleTimeString();
}

// -- Drawer ---------------------------------------------------------------------------------------------------

let openedFrom = null;

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens-drawer]");
  if (link) openedFrom = link.id || link.closest("[id]").id;
  if (event.target === drawer) drawer.close();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "drawer-content" && !drawer.open) drawer.showModal();
});

drawer.addEventListener("close", () => {
  const origin = document.getElementById(openedFrom ?? "");
  (origin?.matches("a") ? origin : origin?.querySelector("a"))?.focus();
  document.getElementById("drawer-content").replaceChildren();
});

// -- Keys -----------------------------------------------------------------------------------------------------

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function middle(element) {
  const box = element.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}

// The nearest tile in that direction, as the eye would find it.
function neighbour(tile, [right, down]) {
  const [x, y] = middle(tile);
  let best = null;
  let bestDistance = Infinity;
  for (const other of document.querySelectorAll("#board .tile")) {
    const [ox, oy] = middle(other);
    const along = (ox - x) * right + (oy - y) * down;
    const aside = Math.abs((ox - x) * down) + Math.abs((oy - y) * right);
    const distance = along + 4 * aside;
    if (along > 1 && distance < bestDistance) [best, bestDistance] = [other, distance];
  }
  return best;
}

document.addEventListener("keydown", (event) => {
  if (drawer.open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) return;
  const tile = event.target.closest(".tile");
  if (tile && MOVES[event.key]) {
    neighbour(tile, MOVES[event.key])?.focus();
    event.preventDefault();
    return;
  }
  // Single keys act only on the board itself, so that they never surprise someone elsewhere on the page.
  if (event.target !== document.body && !board().contains(event.target)) return;
  document.querySelector(`#board [data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});

window.addEventListener("focus", ask);
document.addEventListener("visibilitychange", ask);
setInterval(ask, POLL_MS);
setInterval(showStale, 1_000);
