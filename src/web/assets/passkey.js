// Passkeys: gives the browser what the server asks, and sends its answer with the form. Nothing here decides anything.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const all = (selector) => document.querySelectorAll(selector);
  all("[data-passkey-show]").forEach((one) => { one.hidden = false; });
  all("[data-passkey-hide]").forEach((one) => { one.hidden = true; });

  // ---- bytes travel as base64url ----
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => {
    const letters = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
    return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const keys = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));
  const answer = ({ id, rawId, type }, response) => JSON.stringify({ id, rawId: text(rawId), type, response });

  const make = async (asked) => {
    const { user, challenge, excludeCredentials } = asked;
    const made = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(challenge),
        user: { ...user, id: bytes(user.id) },
        excludeCredentials: keys(excludeCredentials),
      },
    });
    const { attestationObject, clientDataJSON } = made.response;
    return answer(made, {
      attestationObject: text(attestationObject),
      clientDataJSON: text(clientDataJSON),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    });
  };

  const use = async (asked) => {
    const { challenge, allowCredentials } = asked;
    const used = await navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(challenge), allowCredentials: keys(allowCredentials) },
    });
    const { authenticatorData, clientDataJSON, signature, userHandle } = used.response;
    return answer(used, {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    });
  };

  // ---- what went wrong, in words, above the button that was pressed ----
  const say = (form, button, words) => {
    form.querySelectorAll("[data-passkey-said]").forEach((one) => one.remove());
    if (!words) return;
    const line = document.createElement("p");
    line.className = "fault";
    line.dataset.passkeySaid = "";
    line.setAttribute("role", "alert");
    line.textContent = words;
    if (button) button.before(line);
    else form.append(line);
  };
  const wrong = (error) => {
    if (error.name === "InvalidStateError") return "This device holds a passkey of yours already. Use another device, or a security key.";
    if (error.name === "NotAllowedError") return "Nothing was used: it was cancelled, or it took too long. Try it once more.";
    return "This browser cannot use a passkey here. Use another way, or another browser.";
  };

  all("form[data-passkey]").forEach((form) => {
    const field = form.querySelector("input[name=passkey]");
    // The field that makes a passkey needless once something is typed into it.
    const typed = form.dataset.unless ? form.elements.namedItem(form.dataset.unless) : null;
    let busy = false;
    // An answer counts once: one that the browser has kept with the page is of no use any more.
    const begin = () => { field.value = ""; busy = false; };
    begin();
    addEventListener("pageshow", (event) => { if (event.persisted) begin(); });
    form.addEventListener("submit", async (event) => {
      if (typed && typed.value.trim()) { field.value = ""; return; }
      if (field.value && !busy) { busy = true; return; }
      event.preventDefault();
      if (busy) return;
      busy = true;
      const button = event.submitter;
      say(form, button, "");
      try {
        const { publicKey } = JSON.parse(form.dataset.asked);
        field.value = await (form.dataset.passkey === "create" ? make(publicKey) : use(publicKey));
        busy = false;
        form.requestSubmit(button);
      } catch (error) {
        begin();
        say(form, button, wrong(error));
      }
    });
  });
})();
