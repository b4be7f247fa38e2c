// Clocks that count down to a moment of the server's clock: [data-countdown][data-ends-at-ms].
// [data-updated-at-ms] says what the server's clock read when it wrote the page, so a wrong device clock does no harm.

let seenAtMs = "";
let serverAheadMs = 0;

function readServerTime() {
  const stamp = document.querySelector("[data-updated-at-ms]")?.dataset.updatedAtMs ?? "";
  if (!stamp || stamp === seenAtMs) return;
  seenAtMs = stamp;
  serverAheadMs = Number(stamp) - Date.now();
}

window.tick = () => {
  readServerTime();
  for (const clock of document.querySelectorAll("[data-countdown][data-ends-at-ms]")) {
    const left = Math.max(0, Math.round((Number(clock.dataset.endsAtMs) - Date.now() - serverAheadMs) / 1000));
    const text = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    if (clock.textContent !== text) clock.textContent = text;
  }
};

document.addEventListener("visibilitychange", window.tick);
document.addEventListener("htmx:afterSwap", window.tick);
window.tick();
setInterval(window.tick, 250);
