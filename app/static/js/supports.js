// A student's supports: how the page looks, the voice, the calculator. Words that explain themselves need no script.

(() => {
  const shown = () => document.getElementById("step");

  // -- The look: large print, strong lines, nothing that moves. Fragments carry it, the page follows. ------------

  function look() {
    const { contrast, print, motion } = shown().dataset;
    for (const [name, value] of Object.entries({ contrast, print, motion })) {
      if (value) document.documentElement.dataset[name] = value;
      else delete document.documentElement.dataset[name];
    }
  }

  // The box for the answer takes the focus; the question must not scroll away above it.
  function startAtTheTop() {
    const stem = document.getElementById("stem");
    if (shown().querySelector(".tools") && stem?.getBoundingClientRect().top < 0) window.scrollTo(0, 0);
  }

  // -- Reading aloud, by voices that live on this device only ----------------------------------------------------

  const voices = window.speechSynthesis;

  function voiceFor(language) {
    const wanted = language.toLowerCase().split("-")[0];
    const own = voices ? voices.getVoices().filter((voice) => voice.localService) : [];
    return own.find((voice) => voice.lang.toLowerCase().split(/[-_]/)[0] === wanted);
  }

  function offerVoices() {
    for (const button of document.querySelectorAll("[data-say]")) button.hidden = !voiceFor(button.dataset.lang);
  }

  function mark(button, on) {
    button.setAttribute("aria-pressed", String(on));
    const words = button.querySelector("[data-say-words]");
    button.dataset.words ??= words.textContent;
    words.textContent = on ? "Stop" : button.dataset.words;
  }

  function hush() {
    voices?.cancel();
    for (const button of document.querySelectorAll('[data-say][aria-pressed="true"]')) mark(button, false);
  }

  // Line by line: browsers cut long speeches short.
  function read(button) {
    const voice = voiceFor(button.dataset.lang);
    const lines = button.dataset.say.split("\n");
    mark(button, true);
    lines.forEach((line, place) => {
      const speech = new SpeechSynthesisUtterance(line);
      speech.voice = voice;
      speech.lang = voice.lang;
      if (place === lines.length - 1) speech.onend = () => mark(button, false);
      voices.speak(speech);
    });
  }

  // -- Calculator ------------------------------------------------------------------------------------------------

  const TYPED = { "*": "×", x: "×", "/": "÷", ":": "÷", "-": "−", ",": ".", Backspace: "⌫", Delete: "C" };
  const LONGEST = 24;
  const HICCUP = "That does not work.";
  let sum = { item: "", text: "", done: false, open: false };

  // Brackets first, then times and divided by, then plus and minus; nothing is ever run as a program.
  function reckon(text) {
    const tokens = text.match(/\d*\.?\d+|\d+\.|[-−+×÷()]/g) ?? [];
    if (tokens.join("") !== text) return NaN;
    let place = 0;
    const next = () => tokens[place];
    const take = () => tokens[place++];
    const single = () => {
      const token = take();
      if (token === "−") return -single();
      if (token !== "(") return Number(token);
      const inner = chain();
      return take() === ")" ? inner : NaN;
    };
    const product = () => {
      let value = single();
      while (next() === "×" || next() === "÷") value = take() === "×" ? value * single() : value / single();
      return value;
    };
    const chain = () => {
      let value = product();
      while (next() === "+" || next() === "−") value = take() === "+" ? value + product() : value - product();
      return value;
    };
    const value = chain();
    return place === tokens.length ? value : NaN;
  }

  function press(key) {
    const { text, done } = sum;
    if (key === "C") sum.text = "";
    else if (key === "=") sum.text = text && !done ? written(reckon(text)) : text;
    else if (key === "⌫") sum.text = done ? "" : text.slice(0, -1);
    else if (done && (text === HICCUP || /[\d.(]/.test(key))) sum.text = /[+×÷)]/.test(key) ? "" : key;
    else if (text.length < LONGEST) sum.text = text + key;
    sum.done = key === "=" && Boolean(sum.text);
    showSum();
  }

  // Ten digits, so that .1 + .2 is .3 here as on paper.
  function written(value) {
    return Number.isFinite(value) ? String(Number(value.toPrecision(10))).replace("-", "−") : HICCUP;
  }

  function showSum() {
    const display = shown().querySelector("[data-display]");
    if (display) display.textContent = sum.text || "0";
  }

  function setUpCalculator() {
    const box = shown().querySelector("[data-calculator]");
    if (!box) return;
    if (sum.item !== box.dataset.calculator) sum = { item: box.dataset.calculator, text: "", done: false, open: false };
    box.hidden = false;
    box.open = sum.open;
    box.addEventListener("toggle", () => { sum.open = box.open; });
    box.addEventListener("keydown", typed);
    showSum();
  }

  function typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = TYPED[event.key] ?? event.key;
    if (!event.currentTarget.open || !/^[\d.+−×÷()=⌫C]$/.test(key)) return;
    press(key);
    event.preventDefault();
  }

  // -- What the student does -------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) press(key.dataset.key);
    const reader = event.target.closest("[data-say]");
    if (!reader) return;
    const wasReading = reader.getAttribute("aria-pressed") === "true";
    hush();
    if (!wasReading) read(reader);
  });

  let pressed = ""; // the tool that was pressed last; the focus stays on it when the card comes back

  document.addEventListener("htmx:beforeRequest", (event) => {
    pressed = event.detail.elt.matches?.("[data-tools]") ? (document.activeElement?.id ?? "") : "";
  });

  document.addEventListener("htmx:beforeSwap", hush);
  window.addEventListener("pagehide", hush);

  function arrive() {
    look();
    offerVoices();
    setUpCalculator();
  }

  document.addEventListener("htmx:afterSwap", arrive);
  document.addEventListener("htmx:afterSettle", () => {
    if (pressed) document.getElementById(pressed)?.focus();
    else requestAnimationFrame(startAtTheTop);
  });
  voices?.addEventListener?.("voiceschanged", offerVoices);
  if (Object.hasOwn(shown().dataset, "contrast")) look();
  offerVoices();
  setUpCalculator();
  window.addEventListener("load", () => requestAnimationFrame(startAtTheTop));
})();
