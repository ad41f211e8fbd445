"use strict";

// Keeps materials on this device; the service worker shows them where there is no signal. What is
// kept is the page for everybody, fetched without cookies, never that of whoever is signed in.
(() => {
  const NAME = "saved-materials";
  if (!("caches" in window) || !("serviceWorker" in navigator)) return;

  async function get(address) {
    const answer = await fetch(address, {
      cache: "no-store",
      credentials: "omit",
      headers: { "Accept-Language": document.documentElement.lang, "Kept-Copy": "1" },
    });
    if (!answer.ok || answer.redirected) throw new TypeError(address);
    return answer;
  }

  // Each material has a list of its addresses, kept last: what has no list is not there.
  async function lists() {
    if (!(await caches.has(NAME))) return [];
    const cache = await caches.open(NAME);
    const asked = (await cache.keys()).filter(({ url }) => url.endsWith("/luring.json"));
    return Promise.all(
      asked.map(async (each) => ({
        ...(await (await cache.match(each, { ignoreVary: true })).json()),
        list: new URL(each.url).pathname,
      })),
    );
  }

  const kept = async (list) => (await lists()).find((each) => each.list === list);

  async function remove(list) {
    const cache = await caches.open(NAME);
    const own = await kept(list);
    await cache.delete(list, { ignoreVary: true });
    const others = new Set((await lists()).flatMap(({ addresses }) => addresses));
    for (const each of own?.addresses ?? [])
      if (!others.has(each)) await cache.delete(each, { ignoreVary: true });
    if (!others.size) await caches.delete(NAME);
  }

  async function save(list) {
    const answer = await get(list);
    const { addresses } = await answer.clone().json();
    const answers = await Promise.all(addresses.map(async (each) => [each, await get(each)]));
    await remove(list);
    const cache = await caches.open(NAME);
    const shared = new Set((await lists()).flatMap((each) => each.addresses));
    try {
      for (const each of [...answers, [list, answer]]) await cache.put(...each);
    } catch (problem) {
      for (const each of addresses) if (!shared.has(each)) await cache.delete(each);
      throw problem;
    }
  }

  function show(place, state) {
    for (const each of place.querySelectorAll("[data-when]"))
      each.hidden = each.dataset.when !== state;
    place.querySelector("[data-save]").hidden = state === "saved" || state === "busy";
    place.querySelector("[data-remove]").hidden = state !== "saved" && state !== "old";
  }

  async function look(place) {
    const found = await kept(place.dataset.keep);
    if (!found) show(place, "none");
    else show(place, found.edition === Number(place.dataset.edition) ? "saved" : "old");
  }

  async function keep(place) {
    show(place, "busy");
    try {
      await navigator.serviceWorker.ready;
      await save(place.dataset.keep);
      await look(place);
    } catch (problem) {
      show(place, problem.name === "QuotaExceededError" ? "full" : "cut");
    }
  }

  for (const place of document.querySelectorAll("[data-keep]")) {
    place.addEventListener("click", async (event) => {
      if (event.target.closest("[data-save]")) await keep(place);
      if (event.target.closest("[data-remove]")) {
        await remove(place.dataset.keep);
        await look(place);
        place.querySelector("[data-save]").focus();
      }
    });
    place.hidden = false;
    look(place);
  }

  function row(place, each) {
    const made = place.querySelector("template").content.cloneNode(true);
    const link = made.querySelector("a");
    link.href = each.address;
    link.textContent = each.title;
    const size = made.querySelector("[data-kilobytes]");
    size.textContent = size.dataset.kilobytes.replace("0", Math.ceil(each.size / 1024));
    const button = made.querySelector("button");
    button.lastElementChild.textContent = ` ${each.title}`;
    button.addEventListener("click", async () => {
      await remove(each.list);
      await fill(place);
    });
    return made;
  }

  async function fill(place) {
    const found = (await lists()).sort((one, other) => one.title.localeCompare(other.title));
    place.querySelector("ul").replaceChildren(...found.map((each) => row(place, each)));
    place.querySelector("[data-empty]").hidden = found.length > 0;
  }

  for (const place of document.querySelectorAll("[data-saved]")) fill(place);
})();
