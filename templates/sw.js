"use strict";

// Keeps style, script and the offline page; pages of signed-in people are never stored.
const CACHE = "portal-{{ asset('vendor/portal.css')[-12:] }}-{{ asset('vendor/app.js')[-12:] }}-{{ language() }}";
const KEPT = ["{{ asset('vendor/portal.css') }}", "{{ asset('vendor/app.js') }}", "/luring"];
const BYPASSED = /^\/(cerita|cek|keluar-cepat)\b/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || BYPASSED.test(url.pathname)) return;
  if (KEPT.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  } else if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match("/luring")));
  }
});
