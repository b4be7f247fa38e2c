// Answers of several parts: things are moved up and down, points are shown on the grid and set by a click.
// Loaded behind practice.js. Everything here is an extra; the selects and boxes that it works on are the answer, and work without it.

function prepareParts() {
  const shown = document.getElementById("step");
  moveThings(shown.querySelector("[data-order]"));
  showPoints(shown.querySelector("[data-plot]"));
}

// -- Things to put in order -----------------------------------------------------------------------------------

function moveThings(list) {
  if (!list) return;
  const places = () => [...list.querySelectorAll("select")];
  // What the child chose before comes back in its order; else things stay as they are shown.
  const chosen = places().map((place) => Number(place.value));
  if (chosen.every(Boolean)) [...list.children].sort((a, b) => placeOf(a) - placeOf(b)).forEach((thing) => list.append(thing));
  list.classList.add("order-moving");
  for (const thing of list.children) {
    thing.querySelector(".order-moves").hidden = false;
    for (const button of thing.querySelectorAll("[data-move]")) button.addEventListener("click", () => moveThing(list, thing, button));
  }
  number(list);
  if (document.activeElement?.matches("select[autofocus], body")) list.querySelector("[data-move]:not(:disabled)").focus();
}

function placeOf(thing) {
  return Number(thing.querySelector("select").value);
}

function moveThing(list, thing, button) {
  const down = button.dataset.move === "1";
  const other = down ? thing.nextElementSibling : thing.previousElementSibling;
  if (!other) return;
  if (down) other.after(thing);
  else other.before(thing);
  number(list);
  // At the end of its way a button goes quiet; the other one of the same thing takes over.
  (button.disabled ? thing.querySelector("[data-move]:not(:disabled)") : button).focus();
  window.announce(`Place ${placeOf(thing)} of ${list.children.length}`);
}

function number(list) {
  const things = [...list.children];
  things.forEach((thing, index) => {
    thing.querySelector("select").value = String(index + 1);
    const [up, down] = thing.querySelectorAll("[data-move]");
    up.disabled = index === 0;
    down.disabled = index === things.length - 1;
  });
}

// -- Points on a grid -----------------------------------------------------------------------------------------

function showPoints(grid) {
  if (!grid) return;
  const marks = grid.dataset.marks.split(" ");
  const boxes = [...grid.closest("fieldset").querySelectorAll("input")];
  const draw = () => drawPoints(grid, marks, boxes);
  for (const box of boxes) box.addEventListener("input", draw);
  grid.classList.add("plot-live");
  grid.addEventListener("click", (event) => {
    const [x, y] = markAt(grid, marks, event);
    let at = boxes.findIndex((box, index) => index % 2 === 0 && !box.value && !boxes[index + 1].value);
    if (at < 0) at = boxes.length - 2;
    boxes[at].value = x;
    boxes[at + 1].value = y;
    draw();
  });
  draw();
}

function markAt(grid, marks, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(grid.getScreenCTM().inverse());
  const nearest = (share) => marks[Math.round(Math.min(1, Math.max(0, share)) * (marks.length - 1))];
  return [nearest(point.x / 100), nearest(1 - point.y / 100)];
}

function drawPoints(grid, marks, boxes) {
  const layer = grid.querySelector("[data-points]");
  const [low, high] = [numberIn(marks[0]), numberIn(marks.at(-1))];
  layer.replaceChildren();
  for (let at = 0; at < boxes.length; at += 2) {
    const [x, y] = [numberIn(boxes[at].value), numberIn(boxes[at + 1].value)];
    if (![x, y].every((value) => value >= low && value <= high)) continue;
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    const share = (value) => (100 * (value - low)) / (high - low);
    for (const [name, value] of [["class", "plot-dot"], ["cx", share(x)], ["cy", 100 - share(y)], ["r", 2.6]]) dot.setAttribute(name, value);
    layer.append(dot);
  }
}

document.addEventListener("htmx:afterSwap", prepareParts);
prepareParts();
