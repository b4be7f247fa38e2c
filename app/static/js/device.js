// What a student's device keeps: answers that the server has not confirmed yet, and questions for a drop of the network.
// All of it is sealed with a key that no script can read out, and carries the sign-in's number, never a name.
// Browsers offer this on encrypted pages only; elsewhere `device` is null and a page just tries again by itself.

const device = (() => {
  if (!(window.isSecureContext && window.indexedDB && window.crypto.subtle && navigator.locks)) return null;

  const LATE = "/practice/late";
  const EVERY_MS = 5_000;
  const PATIENCE_MS = 10_000;
  const AT_ONCE = 100;

  const opened = new Promise((resolve, reject) => {
    const ask = indexedDB.open("waystation", 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore("keys");
      ask.result.createObjectStore("answers", { keyPath: "place", autoIncrement: true }).createIndex("id", "id", { unique: true });
      ask.result.createObjectStore("spares", { keyPath: "viewer" });
    };
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error);
  });
  opened.catch(() => {}); // said where it is used

  // One transaction on one store; `work` gives the result through its second argument.
  async function within(store, mode, work) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      let result;
      work(transaction.objectStore(store), (value) => { result = value; });
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const then = (ask, go) => { ask.onsuccess = () => go(ask.result); };

  // -- Sealing --------------------------------------------------------------------------------------------------

  async function sealingKey() {
    const known = await within("keys", "readonly", (keys, give) => then(keys.get("seal"), give));
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    // Another tab may have been quicker: then its key stands.
    return within("keys", "readwrite", (keys, give) => then(keys.get("seal"), (other) => {
      if (!other) keys.put(made, "seal");
      give(other ?? made);
    }));
  }

  async function seal(value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealingKey(), plain) };
  }

  async function unseal({ iv, data }) {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await sealingKey(), data);
    return JSON.parse(new TextDecoder().decode(plain));
  }

  // -- Answers on their way -------------------------------------------------------------------------------------

  // An answer stays until the server has confirmed it. A question in reserve is answered once, in whichever tab.
  async function keep(viewer, entry) {
    const box = await seal(entry);
    await within("answers", "readwrite", (answers) => then(answers.index("id").get(entry.id), (known) => {
      if (!known) answers.add({ id: entry.id, viewer, box });
      else if (!entry.spare) answers.put({ ...known, box });
    }));
  }

  const all = () => within("answers", "readonly", (answers, give) => then(answers.getAll(), give));

  // How many of one student's, or of anybody's.
  async function unsent(viewer) {
    return (await all()).filter((row) => !row.refused && (!viewer || row.viewer === viewer)).length;
  }

  function forget(ids) {
    return within("answers", "readwrite", (answers) => {
      for (const id of ids) then(answers.index("id").getKey(id), (place) => { if (place !== undefined) answers.delete(place); });
    });
  }

  // What the server cannot read is kept for whoever looks into it, and not sent again from this page.
  function setAside(ids) {
    return within("answers", "readwrite", (answers) => {
      for (const id of ids) then(answers.index("id").get(id), (row) => { if (row) answers.put({ ...row, refused: true }); });
    });
  }

  async function post(ticket, answers) {
    const response = await fetch(LATE, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ticket, answers }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(`late answers: ${response.status}`);
    return response.json();
  }

  // Sends in order; rejects where the network is not there. `exceptFor` names an answer that is being sent as a form.
  function send(exceptFor) {
    return navigator.locks.request("waystation-send", async () => {
      const rows = (await all()).filter((row) => !row.refused && row.id !== exceptFor).slice(0, AT_ONCE);
      const entries = await Promise.all(rows.map((row) => unseal(row.box)));
      while (entries.length) {
        const { ticket } = entries[0];
        const end = entries.findIndex((entry) => entry.ticket !== ticket);
        const batch = entries.splice(0, end < 0 ? entries.length : end);
        const { taken, refused } = await post(ticket, batch.map(({ ticket: _, ...answer }) => answer));
        await forget(taken);
        await setAside(refused);
      }
    });
  }

  // -- Questions in reserve -------------------------------------------------------------------------------------

  // `about`: what the page needs to go on as this student, sealed with them.
  async function putSpares(viewer, until, about, spares) {
    const list = await Promise.all(spares.map(async ({ id, item, html }) => ({ id, item, box: await seal({ id, html }) })));
    const sealed = await seal(about);
    await within("spares", "readwrite", (kept) => then(kept.get(viewer), (known) => {
      kept.clear(); // nobody else's stay
      kept.put({ viewer, until, about: sealed, list, hand: known?.hand ?? null });
    }));
  }

  const spareOf = (viewer) => within("spares", "readonly", (kept, give) => then(kept.get(viewer), give));

  async function sparesLeft(viewer) {
    const known = await spareOf(viewer);
    return known && known.until > Date.now() ? known.list.length + (known.hand ? 1 : 0) : 0;
  }

  // The question in hand, or else the next one: in one transaction, so that two tabs show the same.
  async function takeSpare(viewer) {
    const taken = await within("spares", "readwrite", (kept, give) => then(kept.get(viewer), (known) => {
      if (!known || known.until <= Date.now()) return;
      const hand = known.hand ?? known.list.shift() ?? null;
      kept.put({ ...known, hand });
      give(hand);
    }));
    return taken ? unseal(taken.box) : null;
  }

  function changeSpares(viewer, change) {
    return within("spares", "readwrite", (kept) => then(kept.get(viewer), (known) => { if (known) kept.put(change(known)); }));
  }

  const dropHand = (viewer, id) => changeSpares(viewer, (known) => ({ ...known, hand: known.hand?.id === id ? null : known.hand }));
  // Served in the ordinary way meanwhile.
  const withoutItem = (viewer, item) => changeSpares(viewer, (known) => ({ ...known, list: known.list.filter((one) => one.item !== item) }));
  const clearSpares = () => within("spares", "readwrite", (kept) => { kept.clear(); });

  // Whoever practised here last and has not said goodbye; for a page that is opened without network.
  async function lastStudent() {
    const known = await within("spares", "readonly", (kept, give) => then(kept.getAll(), ([first]) => give(first)));
    if (!known || known.until <= Date.now()) return null;
    return { viewer: known.viewer, ...await unseal(known.about) };
  }

  // -- Sending by itself, on every page that children see ----------------------------------------------------------

  const told = [];
  let beingSent; // the answer that the page sends as a form

  async function sendWhatWaits() {
    try {
      if (!(await all()).some((row) => !row.refused && row.id !== beingSent)) return;
      await send(beingSent);
      for (const tell of told) tell();
    } catch {
      // no network yet, or none of this in a private window
    }
  }

  setInterval(sendWhatWaits, EVERY_MS);
  window.addEventListener("online", sendWhatWaits);
  sendWhatWaits();

  return {
    keep, unsent, forget, send, post, putSpares, sparesLeft, takeSpare, dropHand, withoutItem, clearSpares, lastStudent,
    onSent: (tell) => told.push(tell),
    sendsItself: (id) => { beingSent = id; },
  };
})();
