"use strict";

// Every page works without this file; it only makes common moments quicker and calmer.
(() => {
  document.documentElement.classList.add("js");

  const on = (name, handler) => document.addEventListener(name, handler);
  const toast = () => document.getElementById("toast");
  let toastTimer;

  function showToast(text, seconds) {
    const box = toast();
    if (!box || !text) return;
    clearTimeout(toastTimer);
    box.textContent = text;
    box.hidden = false;
    if (seconds) toastTimer = setTimeout(hideToast, seconds * 1000);
  }

  function hideToast() {
    const box = toast();
    if (box) box.hidden = true;
  }

  const showOffline = () => showToast(toast()?.dataset.offline);

  function focusOn(element) {
    if (element.tabIndex < 0) element.tabIndex = -1;
    element.focus();
  }

  // An outerHTML swap hands over the new element itself, so look at that one too.
  function find(scope, selector) {
    return scope.matches?.(selector) ? scope : scope.querySelector(selector);
  }

  // A row that is done takes one off every figure that counted it.
  function countDown(scope) {
    const done = find(scope, "[data-done]");
    if (!done) return;
    for (const figure of document.querySelectorAll(`[data-count~="${done.dataset.done}"]`)) {
      const text = figure.firstChild;
      const left = Number.parseInt(text.data, 10) - 1;
      if (left < 1 && figure.matches(".nav-badge")) figure.remove();
      else if (left >= 0) text.data = String(left);
    }
    done.removeAttribute("data-done");
  }

  // An alarm calls by sound and in the title until somebody takes care of it.
  const title = document.title;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let bell;
  let beats = 0;
  let sound;

  function tone() {
    // Before the first touch or key browsers let no page be heard.
    if (navigator.userActivation?.hasBeenActive === false) return;
    sound ??= new AudioContext();
    const voice = sound.createOscillator();
    const volume = sound.createGain();
    const start = sound.currentTime;
    voice.frequency.value = 740;
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
    voice.connect(volume).connect(sound.destination);
    voice.start(start);
    voice.stop(start + 0.5);
  }

  function beat() {
    document.title = calm.matches || beats % 2 === 0 ? `(!) ${title}` : title;
    if (beats % 5 === 0) tone();
    beats += 1;
  }

  function listen() {
    const rings = document.querySelector("[data-ringing]") !== null;
    if (rings === (bell !== undefined)) return;
    clearInterval(bell);
    bell = undefined;
    beats = 0;
    document.title = title;
    if (rings) {
      bell = setInterval(beat, 1000);
      beat();
    }
  }

  // On a phone the tabs are wider than the screen; the current one comes into sight.
  function showCurrentTab(scope) {
    for (const tab of scope.querySelectorAll(".tabs [aria-current]")) {
      const strip = tab.parentElement;
      strip.scrollLeft = tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
    }
  }

  function prepare(scope) {
    showCurrentTab(scope);
    countDown(scope);
    listen();
    const target = find(scope, "#error-summary") || find(scope, "[data-focus]");
    if (target) {
      target.removeAttribute("data-focus");
      focusOn(target);
    }
    for (const element of scope.querySelectorAll("[data-countdown-remove]")) {
      const seconds = Number(element.dataset.countdownRemove);
      element.removeAttribute("data-countdown-remove");
      setTimeout(() => {
        const row = element.parentElement;
        const hadFocus = element.contains(document.activeElement);
        element.remove();
        if (hadFocus && row) focusOn(row);
      }, seconds * 1000);
    }
  }

  function release(form) {
    delete form.dataset.pending;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }

  // Capture phase: a second press must be stopped before htmx hears of it.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.hasAttribute("data-submit-once")) return;
      if ("pending" in form.dataset) {
        event.preventDefault();
        event.stopImmediatePropagation();
      } else {
        // Busy, not disabled: a disabled button drops its name and value from what is sent.
        form.dataset.pending = "";
        event.submitter?.setAttribute("aria-busy", "true");
        setTimeout(() => release(form), 15000);
      }
    },
    true,
  );

  // The Back button restores a page as it was left, busy buttons included.
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-pending]").forEach(release));

  on("change", (event) => {
    event.target.closest?.("form[data-autosubmit]")?.requestSubmit();
  });

  on("click", async (event) => {
    const button = event.target.closest?.("[data-copy], [data-print], [data-share], .error-summary a");
    if (!button) return;
    if (button.matches("[data-print]")) {
      window.print();
    } else if (button.matches("[data-copy]")) {
      const source = document.querySelector(button.dataset.copy);
      try {
        await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
        showToast(button.dataset.copied, 4);
      } catch {
        // Clipboard refused: mark the text so that one long press copies it.
        getSelection().selectAllChildren(source);
      }
    } else if (button.matches("[data-share]")) {
      if (!navigator.share) return;
      event.preventDefault();
      navigator.share({ text: button.dataset.share, url: button.dataset.shareUrl }).catch(() => {});
    } else {
      // A group of choices cannot take focus itself; its first answer can.
      const field = document.getElementById(button.hash.slice(1));
      const input = field?.matches("fieldset") ? field.querySelector("input") : field;
      if (!input) return;
      event.preventDefault();
      input.focus();
    }
  });

  on("htmx:afterSettle", (event) => {
    hideToast();
    prepare(event.detail.elt);
  });
  on("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form");
    if (form) release(form);
  });
  on("htmx:responseError", (event) => {
    // 422 brings its own explanation in the fragment.
    const { elt, xhr } = event.detail;
    // Nobody asked for what a page asks by itself; it asks again soon.
    if (elt.matches("[data-quiet]")) return;
    const { status } = xhr;
    if (status >= 500) showToast(toast()?.dataset.failed, 8);
    else if (status !== 422) showToast(toast()?.dataset.stale, 12);
  });
  on("htmx:sendError", showOffline);
  on("htmx:timeout", showOffline);

  window.addEventListener("offline", showOffline);
  window.addEventListener("online", () => {
    hideToast();
    showToast(toast()?.dataset.online, 4);
  });

  function start() {
    if (!navigator.onLine) showOffline();
    prepare(document.body);
  }
  if (document.readyState === "loading") on("DOMContentLoaded", start);
  else start();

  // Pages for children leave nothing behind, so a worker is never installed from them.
  if ("serviceWorker" in navigator && !/^\/(cerita|cek|keluar-cepat)\b/.test(location.pathname)) {
    navigator.serviceWorker.register("/sw.js").catch(() => {});
  }
})();
