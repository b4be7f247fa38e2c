// What every page needs of htmx: the CSRF header, and errors said in words.

// Shared with the scripts of single pages.
const csrfToken = () => document.querySelector('meta[name="csrf-token"]').content;

// Says a sentence to screen readers without moving the focus.
window.announce = (sentence) => {
  document.getElementById("announcer").textContent = sentence;
};

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrfToken();
});

// A session that ended, a form older than its page, a lesson that moved on: show how things stand now.
document.addEventListener("htmx:responseError", (event) => {
  if ([400, 401, 403, 404, 409].includes(event.detail.xhr.status)) window.location.reload();
});

// Browsers keep whole pages for the Back button, even of the child who was here before. Ask the server again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.body.hidden = true;
  window.location.reload();
});

// Only where there is script: buttons that would do nothing without it.
for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
