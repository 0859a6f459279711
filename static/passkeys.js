// Passkeys: one form asks the browser and sends the answer with it. Without this file the form says so.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const WORDS = {
    NotAllowedError: "No passkey answered. Try again, or use another way.",
    InvalidStateError: "This device holds a passkey for your account already.",
    SecurityError: "Passkeys do not work at this address.",
    AbortError: "The question was taken back. Try again.",
  };

  // What the browser wants as bytes comes as base64url.
  function unpacked(options) {
    const made = { ...options, challenge: bytes(options.challenge) };
    if (made.user) made.user = { ...made.user, id: bytes(made.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"])
      if (made[list]) made[list] = made[list].map((one) => ({ ...one, id: bytes(one.id) }));
    return made;
  }

  function packed(credential) {
    const answer = credential.response, response = { clientDataJSON: text(answer.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (answer[part]) response[part] = text(answer[part]);
    if (answer.getTransports) response.transports = answer.getTransports();
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} });
  }

  async function question(form) {
    const token = form.elements.csrf_token.value;
    const answer = await fetch(form.dataset.question, { method: "POST", headers: { "X-CSRFToken": token } });
    if (!answer.ok || !answer.headers.get("Content-Type").startsWith("application/json")) throw new Error("no question");
    return unpacked(await answer.json());
  }

  function says(form, words) {
    const place = form.querySelector("[data-passkey-says]");
    place.textContent = words;
    place.hidden = !words;
  }

  async function ask(form) {
    const button = form.querySelector("button");
    says(form, "");
    button.disabled = true;
    try {
      const publicKey = await question(form);
      const makes = form.dataset.passkey === "make";
      const credential = makes ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      form.elements.answer.value = packed(credential);
      const remember = document.getElementById("remember");
      if (form.elements.remember && remember) form.elements.remember.value = remember.checked ? "y" : "";
      form.submit();
    } catch (trouble) {
      says(form, WORDS[trouble.name] || "The passkey could not be asked. Check your connection and try again.");
      button.disabled = false;
    }
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const button = form.querySelector("button");
    if (!window.PublicKeyCredential || !navigator.credentials) {
      says(form, "This browser cannot use passkeys. Use another way, or another browser.");
    } else if (location.origin !== form.dataset.origin) {
      says(form, `Passkeys work at ${form.dataset.origin} only. Open this page there.`);
    } else {
      button.hidden = false;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.reportValidity()) ask(form);
    });
  });
})();
