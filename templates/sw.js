"use strict";

// Keeps style, script and the offline page; pages of signed-in people are never stored. Materials
// that somebody saved (js/saved.js) are the pages for everybody.
const CACHE = "portal-{{ asset('vendor/portal.css')[-12:] }}-{{ asset('vendor/app.js')[-12:] }}-{{ language() }}";
const KEPT = ["{{ asset('vendor/portal.css') }}", "{{ asset('vendor/app.js') }}", "/luring"];
const SAVED = "saved-materials";
const SAVABLE = /^\/(materi|orang-tua|static)\//;
const BYPASSED = /^\/(cerita|cek|keluar-cepat)\b/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => ![CACHE, SAVED].includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// A page that was saved, if need be as it looks coming from elsewhere.
async function saved(request) {
  const within = { cacheName: SAVED, ignoreVary: true };
  const kept = (await caches.match(request, within)) || (await caches.match(request, { ...within, ignoreSearch: true }));
  const wantsPiece = request.headers.has("HX-Request") && !request.headers.has("HX-Boosted");
  return kept && wantsPiece ? new Response("", { headers: { "HX-Redirect": request.url } }) : kept;
}

async function withoutSignal(request) {
  // A copy is in one language: for the other one a signal is needed.
  const kept = !new URL(request.url).searchParams.has("bahasa") && (await saved(request));
  if (kept) return kept;
  return request.mode === "navigate" ? caches.match("/luring") : Response.error();
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || BYPASSED.test(url.pathname)) return;
  if (KEPT.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  } else if (event.request.mode === "navigate" || SAVABLE.test(url.pathname)) {
    event.respondWith(fetch(event.request).catch(() => withoutSignal(event.request)));
  }
});
