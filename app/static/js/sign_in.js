// Secret pictures without a page load for each press: the first two stay here, the third is sent with them.

const form = document.querySelector("[data-secret]");
const dots = form.querySelector("[data-picked]");
const WANTED = 3;

const picked = () => form.querySelectorAll('input[name="picked"]');

function showCount() {
  const count = picked().length;
  [...dots.children].forEach((dot, place) => dot.classList.toggle("picked-dot-full", place < count));
  dots.setAttribute("aria-label", `${count} of ${WANTED} picked`);
  window.announce(`${count} of ${WANTED} picked`);
}

form.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="pick"]');
  if (!button || picked().length >= WANTED - 1) return;
  event.preventDefault();
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "picked", value: button.value });
  form.append(field);
  showCount();
});

form.querySelector("[data-again]").addEventListener("click", (event) => {
  event.preventDefault();
  for (const field of picked()) field.remove();
  showCount();
});
