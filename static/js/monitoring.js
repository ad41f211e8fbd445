"use strict";

// Keeps a teacher's form on the device until the portal has it, and sends it once there is a signal.
// What is kept is ciphertext; its key comes from the portal and stays in the memory of the page.
(() => {
  const says = document.currentScript.dataset;
  const { lang } = document.documentElement;
  const WEEK = 7 * 86400e3;
  const PASSING = ["csrf_token", "idempotency_key", "device_key"];
  // By the portal's clock: that of a phone may be wrong.
  const lag = Date.parse(says.now) - Date.now();
  const now = () => Date.now() + lag;
  const random = () =>
    btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18)))).replace(/\W/g, "x");
  let tab;
  try {
    tab = sessionStorage.tab ||= random();
    // Held for as long as this tab is open.
    navigator.locks?.request(tab, () => new Promise(() => {})).catch(() => {});
  } catch {}

  // Where forms are kept: one record each, under the form's opaque id.
  const opening = new Promise((found, missing) => {
    const asked = indexedDB.open("portal", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("form", { keyPath: "id" });
    asked.onsuccess = () => found(asked.result);
    asked.onerror = missing;
  });
  opening.catch(() => {});

  async function ask(how, ...what) {
    const deal = (await opening).transaction("form", "readwrite");
    const answer = deal.objectStore("form")[how](...what);
    await new Promise((done, failed) => Object.assign(deal, { oncomplete: done, onabort: failed }));
    return answer.result;
  }

  async function change(how, ...what) {
    await ask(how, ...what);
    // All that the portal learns: there is something.
    const age = (await ask("count")) ? (WEEK + 86400e3) / 1e3 : 0;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `unsent=1;path=/;samesite=strict;max-age=${age}${secure}`;
  }

  async function clear() {
    const { held } = (await navigator.locks?.query()) ?? {};
    for (const { id, at, state, tab: whose } of await ask("getAll")) {
      // On a shared device what was only begun ends with its tab; what was to be sent waits.
      const closed = held && whose !== tab && !held.some(({ name }) => name === whose);
      if ((closed && state === "draft" && !says.own) || at < now() - WEEK) await ask("delete", id);
    }
    await change("count");
  }

  const coder = new TextEncoder();
  const cipher = (id, iv) => ({ name: "AES-GCM", iv, additionalData: coder.encode(id) });
  const keyOf = (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt());
    return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  };

  async function seal(record, key, fields) {
    const text = JSON.stringify(fields);
    // Blanks hide how much was written.
    const plain = coder.encode(text.padEnd(Math.ceil(text.length / 1024) * 1024));
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    return { ...record, nonce, sealed: await crypto.subtle.encrypt(cipher(record.id, nonce), key, plain) };
  }

  async function unseal({ id, nonce, sealed }, key) {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(cipher(id, nonce), key, sealed)));
  }

  const wordsOf = (state) => document.querySelector(`template[data-state=${state}]`).content.cloneNode(true);

  function noteAt(top) {
    const known = !top && document.getElementById("save-state");
    if (known) return known;
    const place = document.createElement("div");
    place.className = "flash";
    place.setAttribute("role", "status");
    if (!top) place.id = "save-state";
    document.querySelector("main").prepend(place);
    return place;
  }

  function tell(state, { link, at = now(), top } = {}) {
    const words = wordsOf(state);
    const time = { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" };
    const text = words.querySelector("p").lastChild;
    if (text.data)
      text.data = text.data.replace("{time}", new Date(at).toLocaleTimeString(lang === "en" ? "en-GB" : lang, time));
    const way = words.querySelector("a");
    if (way) way.href = link;
    const place = noteAt(top);
    place.dataset.state = state;
    place.replaceChildren(words);
    return place;
  }

  function post(path, fields, headers) {
    const body = new URLSearchParams([...fields, ["csrf_token", says.csrf]]);
    return fetch(path, { method: "POST", body, headers, signal: AbortSignal.timeout?.(30e3) });
  }

  // Sends a form under a key of its own, so that it counts once however often it is sent.
  async function hand({ id, path, key }, fields) {
    const page = says.place + id;
    const answer = await post(path, [...fields, ["device_key", key]]).catch(() => {});
    if (!answer) return { went: "waiting" };
    const { status, redirected, url } = answer;
    if (redirected && new URL(url).pathname === page) return { went: "sent", answer };
    if (redirected) return { went: "signin", link: url };
    // The session changed since this page was opened.
    if (status === 400) return { went: "signin", link: page };
    if (status === 403 || status === 404) return { went: "gone" };
    return { went: status === 429 || status > 499 ? "trouble" : "refused", answer };
  }

  // Puts an answer in the place of this page; it is not asked for a second time.
  async function show(answer) {
    const page = new DOMParser().parseFromString(await answer.text().catch(() => ""), "text/html");
    const main = page.querySelector("main");
    if (!answer.ok && answer.status > 499 || !main) return location.assign(answer.url);
    document.title = page.title;
    document.querySelector("main").replaceWith(main);
    if (answer.redirected) history.replaceState(null, "", answer.url);
    const target = document.getElementById("error-summary") ?? main;
    target.tabIndex = -1;
    target.focus();
    if (target === main) scrollTo(0, 0);
    await start(true);
  }

  // Tabs take turns: what one has sent is gone for the others.
  const alone = (act) => (navigator.locks ? navigator.locks.request("monitoring", act) : act());
  let again, unkept;

  async function attend(form, swapped) {
    const id = form.dataset.form;
    const path = new URL(form.action).pathname;
    const typed = () => [...new FormData(form)].filter(([name]) => !PASSING.includes(name));
    let record = { id, path, state: "draft", key: "", tab };
    let turn = Promise.resolve();
    let key, stored, dirty, late, timer;

    const keep = () =>
      (turn = turn.then(async () => {
        try {
          stored = await seal({ ...record, at: now() }, key, typed());
          await change("put", stored);
        } catch {
          stored = undefined;
        }
      }));
    const drop = () =>
      (turn = turn.then(async () => {
        stored = dirty = undefined;
        await change("delete", id).catch(() => {});
      }));
    const begun = () => {
      record = { ...record, path, state: "draft", key: "" };
    };

    const flags = form.querySelector("#flags");
    const ticked = () => [...flags.querySelectorAll(":checked")];
    function count() {
      form.querySelector("progress").value = form.querySelectorAll(".ask :checked").length + (ticked()[0] ? 1 : 0);
    }

    function missing() {
      const ticks = ticked();
      const open = [...form.querySelectorAll(".ask")].filter((each) => !each.querySelector(":checked"));
      if (!ticks[0] || (ticks[1] && ticks.some(({ value }) => value === "none"))) open.unshift(flags);
      document.getElementById("error-summary")?.remove();
      if (!open[0]) return false;
      form.before(wordsOf("missing"));
      const summary = form.previousElementSibling;
      summary.id = "error-summary";
      for (const each of open) {
        each.classList.add("has-error");
        const link = document.createElement("a");
        const row = each.querySelector("legend").textContent;
        link.href = `#${each.id}`;
        link.textContent = each === flags ? summary.dataset.flags : summary.dataset.row.replace("{row}", row);
        summary.lastElementChild.appendChild(document.createElement("li")).append(link);
      }
      summary.scrollIntoView();
      summary.focus({ preventScroll: true });
      return true;
    }

    async function adopt(found) {
      const all = await unseal(found, key);
      for (const input of form.querySelectorAll("input:not([type=hidden])"))
        input.checked = all.some(([name, value]) => name === input.name && value === input.value);
      form.note.value = Object.fromEntries(all).note ?? "";
      count();
      stored = found;
      dirty = true;
      begun();
      if (found.state === "waiting") record = { ...record, path: found.path, state: "waiting", key: found.key };
    }

    async function save() {
      const before = JSON.stringify(typed());
      if (!form.dataset.save || record.state !== "draft") return;
      const answer = await post(form.dataset.save, typed(), { "HX-Request": "true" }).catch(() => {});
      if (!answer || record.state !== "draft") return;
      const link = answer.headers.get("HX-Redirect");
      if (link) tell("signin", { link });
      else if (answer.status === 422) show(answer);
      else if (answer.status === 204 && before === JSON.stringify(typed())) {
        // The portal has it all; less lies about.
        await drop();
        tell("saved");
      }
    }

    const attempt = () => alone(async () => {
      await turn;
      if (record.state !== "waiting") return dirty && save();
      const kept = stored && (await ask("get", id).catch(() => {}));
      // Sent from another tab, or taken away by signing out there.
      if (stored && !kept) return location.reload();
      // Or written on there: the last word counts.
      if (kept && kept.key !== record.key) await adopt(kept);
      if (record.state !== "waiting") return tell("kept", { at: kept.at });
      tell("sending");
      form.inert = true;
      const { went, answer, link } = await hand(record, typed());
      form.inert = false;
      if (went === "sent") {
        record.state = "sent";
        await drop();
        show(answer).then(() => late && tell("back"));
      } else if (went === "refused") {
        begun();
        await keep();
        show(answer);
      } else if (went === "gone") {
        begun();
        await drop();
        tell(went);
      } else {
        late = true;
        // Whoever must sign in first finds it in the portal.
        const without = went === "waiting" ? "held" : "unsaved";
        tell(stored || went === "signin" ? went : without, { link });
      }
    });

    async function send() {
      record = { ...record, path, state: "waiting", key: record.key || random() };
      await keep();
      await attempt();
    }

    form.addEventListener("input", ({ target }) => {
      if (target.name === "flags" && target.checked) {
        // "None of these" and a flag take each other back.
        for (const each of ticked()) each.checked = (each.value === "none") === (target.value === "none");
      }
      target.closest("fieldset")?.classList.remove("has-error");
      count();
      // A key belongs to what was sent under it.
      begun();
      dirty = true;
      keep().then(() => record.state === "draft" && tell(stored ? "kept" : "unsaved"));
      clearTimeout(timer);
      timer = setTimeout(save, 5000);
    });

    form.addEventListener("submit", async (event) => {
      const pressed = event.submitter;
      const switches = pressed?.name === "bahasa";
      if (switches && navigator.onLine) return;
      event.preventDefault();
      clearTimeout(timer);
      if (!switches && pressed?.formNoValidate) {
        await keep();
        tell(stored ? "kept" : "unsaved");
        await save();
      } else if (!switches && !missing()) await send();
      delete form.dataset.pending;
      pressed?.removeAttribute("aria-busy");
    });

    again = attempt;
    unkept = () => dirty && !stored && record.state !== "sent";
    try {
      key = await keyOf(form.dataset.key);
      const before = await ask("get", id);
      document.getElementById("toast").dataset.offline = wordsOf("offline").textContent;
      if (before) {
        // Meanwhile the same person went on with it elsewhere; a phone may lag some seconds.
        if (before.state === "draft" && before.at + 20e3 < Date.parse(form.dataset.keptAt)) await drop();
        else {
          await adopt(before);
          late = record.state === "waiting";
          if (!swapped) tell("restored", { at: before.at, top: true });
        }
      }
    } catch {
      // What another person left here opens with no key of ours.
      await drop();
      if (!(await ask("count").then(() => key).catch(() => {}))) tell("unsaved");
    }
    count();
    if (late) again();
  }

  // On any other page: send what waits, and forget what belongs to somebody else.
  const collect = () => alone(async () => {
    const all = await ask("getAll");
    if (!all[0]) return;
    const answer = await post(says.keys, all.map(({ id }) => ["id", id])).catch(() => {});
    if (!answer || answer.redirected || (!answer.ok && answer.status !== 403)) return;
    const keys = answer.ok ? await answer.json() : {};
    for (const record of all) {
      const fields = await (async () => unseal(record, await keyOf(keys[record.id])))().catch(() => {});
      if (fields) await take(record, fields);
      else await change("delete", record.id);
    }
  });

  async function take(record, fields) {
    const { id } = record;
    const page = says.place + id;
    const here = location.pathname === page;
    const door = document.querySelector("[data-unsent]");
    if (door) door.href = page;
    if (record.state === "waiting") {
      const { went, answer, link } = await hand(record, fields);
      if (went === "sent" || went === "gone") {
        await change("delete", id);
        if (here && answer) show(answer).then(() => tell("back"));
        else tell(went === "sent" ? "back" : went);
      } else if (went === "refused") {
        await change("put", { ...record, state: "draft", key: "" });
        if (here) show(answer);
        else tell(went, { link: page });
      } else tell(went, { link });
    } else if (here) {
      const place = tell("left");
      place.querySelector("[data-look]").onclick = () => post(`${page}/simpan`, fields).then(show, () => tell("waiting"));
      place.querySelector("[data-drop]").onclick = () => change("delete", id).then(() => place.replaceChildren());
    }
  }

  async function start(swapped) {
    again = unkept = () => {};
    await clear().catch(() => {});
    const form = document.querySelector("form[data-key]");
    if (form) return attend(form, swapped);
    again = collect;
    await collect().catch(() => {});
  }

  addEventListener("online", () => again());
  document.addEventListener("visibilitychange", () => document.hidden || again());
  setInterval(() => again(), 20e3);
  addEventListener("beforeunload", (event) => unkept() && event.preventDefault());
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-forget]")) return;
    event.preventDefault();
    await change("clear").catch(() => {});
    event.target.submit();
  });
  start();
})();
