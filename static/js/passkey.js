"use strict";

// Lets a phone or computer sign for its owner, or says what else helps.
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const says = form.dataset;
  const here = location.origin === says.origin;
  document.querySelector("[data-passkey-without]")?.remove();
  document.querySelector("[data-passkey-elsewhere]").hidden = here;
  form.hidden = !here;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt());
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

  async function sign() {
    const headers = { "X-CSRFToken": form.csrf_token.value };
    const answer = await fetch(says.options, { method: "POST", redirect: "manual", headers });
    // To the door, and the page itself leads there.
    if (!answer.status) return location.reload();
    const publicKey = await answer.json();
    const { user, excludeCredentials: known, allowCredentials } = publicKey;
    for (const key of known || allowCredentials) key.id = bytes(key.id);
    if (user) user.id = bytes(user.id);
    publicKey.challenge = bytes(publicKey.challenge);
    const { id, type, rawId, response } = await navigator.credentials[says.passkey]({ publicKey });
    const sent = { id, type, rawId: text(rawId), response: {} };
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"])
      if (response[name]) sent.response[name] = text(response[name]);
    form.credential.value = JSON.stringify(sent);
    form.submit();
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    sign().catch(({ name }) => {
      const why = { NotAllowedError: says.cancelled, InvalidStateError: says.known };
      form.querySelector("[role]").textContent = why[name] || says.failed;
      delete says.pending;
      event.submitter.removeAttribute("aria-busy");
    });
  };
})();
