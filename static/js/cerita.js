"use strict";

// Every page works without this file. It keeps nothing and asks nobody but this site.
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  function leave() {
    // Blank before anything is sent: on a poor line the next page may take a while.
    root.hidden = true;
    document.title = "\u00a0";
    location.replace("/keluar-cepat");
  }

  function copy(button) {
    const source = document.querySelector(button.dataset.copy);
    const done = () => (button.lastElementChild.textContent = button.dataset.copied);
    // Refused or missing: mark the code, so that one long press copies it.
    const mark = () => getSelection().selectAllChildren(source);
    if (navigator.clipboard) navigator.clipboard.writeText(source.textContent.trim()).then(done, mark);
    else mark();
  }

  function draw(source) {
    const canvas = document.createElement("canvas");
    canvas.width = 640;
    canvas.height = 200;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 640, 200);
    pen.fillStyle = "#17262b";
    pen.font = "700 48px monospace";
    pen.textAlign = "center";
    pen.fillText(source.textContent.trim().replace(/\s+/g, " "), 320, 116);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = "catatan.png";
    link.click();
  }

  addEventListener("click", (event) => {
    const pressed = event.target.closest?.("[data-leave], [data-copy], [data-picture], [data-print]");
    if (!pressed) return;
    if (pressed.matches("[data-leave]")) {
      event.preventDefault();
      leave();
    } else if (pressed.matches("[data-copy]")) copy(pressed);
    else if (pressed.matches("[data-picture]")) draw(document.querySelector(pressed.dataset.picture));
    else print();
  });

  // Shift three times, with nothing else in between and not too slowly.
  let presses = [];
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift") {
      presses = [];
      return;
    }
    presses = [...presses.slice(-2), event.timeStamp];
    if (presses.length === 3 && presses[2] - presses[0] < 3000) leave();
  });

  // A page nobody touches goes by itself, typed words and all.
  const { idle, over } = document.body.dataset;
  let rest;
  function touched() {
    clearTimeout(rest);
    rest = setTimeout(() => location.replace(over), idle * 1000);
  }
  if (over) {
    for (const name of ["input", "keydown", "pointerdown", "scroll"]) {
      addEventListener(name, touched, { passive: true });
    }
    touched();
  }

  // Back must ask the portal what may still be seen, not bring a page as it was left.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
