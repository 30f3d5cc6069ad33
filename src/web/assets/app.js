// Optional help on top of pages that work without it. Nothing here decides anything.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- text areas: grow with the text, count what is left, Ctrl+Enter sends ----
  const grow = (area) => {
    area.style.height = "auto"; // set through the object model, which a strict policy allows
    area.style.height = `${Math.min(area.scrollHeight + 2, 560)}px`;
  };
  const count = (area) => {
    const out = document.getElementById(area.dataset.count);
    if (!out) return;
    const left = Number(area.dataset.limit) - [...area.value].length;
    out.textContent = left < 0
      ? `${(-left).toLocaleString("en-GB")} characters too many`
      : `${left.toLocaleString("en-GB")} characters left`;
    if (left <= 20) out.setAttribute("aria-live", "polite");
    else out.removeAttribute("aria-live");
  };
  all("textarea[data-grow]").forEach((area) => { if (area.value) grow(area); if (area.dataset.count) count(area); });
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement)) return;
    if ("grow" in area.dataset) grow(area);
    if (area.dataset.count) count(area);
  });
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey) && target instanceof HTMLTextAreaElement && target.form) {
      event.preventDefault();
      target.form.requestSubmit();
    }
    if (key === "Escape") {
      all("details.menu[open]").forEach((menu) => {
        const inside = menu.contains(document.activeElement);
        menu.open = false;
        if (inside) menu.querySelector("summary").focus();
      });
    }
  });

  // ---- menus: one open at a time, a press elsewhere closes it ----
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // ---- copy a link ----
  const prepareCopy = (root) => all("button[data-copy]", root).forEach((button) => { button.hidden = !navigator.clipboard; });
  prepareCopy(document);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const words = button.querySelector("span") || button;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      words.textContent = "Link copied";
    } catch {
      words.textContent = "The browser did not allow it";
    }
  });

  // ---- relative times, up to a day ----
  const relative = (then) => {
    const minutes = Math.floor((Date.now() - then) / 60000);
    if (!(minutes >= 0) || minutes >= 1440) return null;
    if (minutes < 1) return "now";
    return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
  };
  const refresh = () => all("time[data-relative]").forEach((time) => {
    const words = relative(Date.parse(time.dateTime));
    if (words && time.textContent !== words) time.textContent = words;
  });
  setInterval(refresh, 60000);

  // ---- theme: shown at once, kept by the same form post ----
  all("form[data-theme-form]").forEach((form) => form.addEventListener("change", (event) => {
    if (event.target.name !== "theme") return;
    const root = document.documentElement;
    if (event.target.value === "light" || event.target.value === "dark") root.dataset.theme = event.target.value;
    else delete root.dataset.theme;
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => {});
  }));

  // ---- "Older" loads in place and keeps the address ----
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-older]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const list = document.getElementById(link.dataset.older);
    const pager = link.closest(".pager");
    if (!list || !pager) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const more = page.getElementById(list.id);
      if (!more) throw new Error("no list");
      const first = more.firstElementChild;
      list.append(...more.children);
      prepareCopy(list);
      const next = page.querySelector(".pager a[data-older]");
      if (next) link.href = next.href;
      else link.remove();
      if (first) { first.tabIndex = -1; first.focus({ preventScroll: true }); }
    } catch {
      location.assign(link.href);
    }
  });

  // ---- a case that is being written: saved every ten seconds where something was typed ----
  const draft = document.querySelector("form[data-save]");
  if (draft) {
    const typed = () => new URLSearchParams([...new FormData(draft)].filter(([, value]) => typeof value === "string"));
    let kept = String(typed());
    // Whoever leaves with words that are not kept yet is asked first.
    let sending = false;
    draft.addEventListener("submit", () => { sending = true; });
    addEventListener("pageshow", () => { sending = false; });
    addEventListener("beforeunload", (event) => {
      if (!sending && String(typed()) !== kept) event.preventDefault();
    });
    setInterval(async () => {
      const now = typed();
      if (String(now) === kept) return;
      try {
        // The answer leads to the form: that it does is enough.
        const answer = await fetch(draft.action, { method: "POST", body: now, redirect: "manual" });
        if (answer.type !== "opaqueredirect") return;
        kept = String(now);
        const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
        all("[data-saved]").forEach((one) => { one.textContent = `Saved at ${time}, sealed.`; });
      } catch { /* the next try comes in ten seconds */ }
    }, 10000);
  }

  // ---- single keys at the desk: off until turned on, never while typing ----
  const keys = document.querySelector("[data-keys]");
  if (keys) {
    const button = keys.querySelector("button");
    let on = false;
    const turn = (wanted) => {
      on = wanted;
      document.body.classList.toggle("keyed", on);
      button.textContent = on ? "Turn keys off" : "Turn keys on";
      all("[data-key]").forEach((one) => {
        if (on) one.setAttribute("aria-keyshortcuts", one.dataset.key);
        else one.removeAttribute("aria-keyshortcuts");
      });
    };
    let kept = null;
    try { kept = localStorage.getItem("desk-keys"); } catch { /* this browser keeps nothing */ }
    turn(kept === "on");
    keys.hidden = false;
    button.addEventListener("click", () => {
      turn(!on);
      try { localStorage.setItem("desk-keys", on ? "on" : "off"); } catch { /* as above */ }
    });
    document.addEventListener("keydown", (event) => {
      const { target, key } = event;
      if (!on || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const typing = target.closest("textarea, select, input, [contenteditable]");
      if (typing && typing.type !== "checkbox") return;
      if (key === "?") { button.focus(); return; }
      const one = all("[data-key]").find((other) => other.dataset.key === key.toLowerCase());
      if (!one) return;
      event.preventDefault();
      // The decision takes a second press: the first goes to its button.
      if (key.toLowerCase() === "a" && document.activeElement !== one) one.focus();
      else one.click();
    });
  }

  // ---- two minutes before the session ends: say so, offer to stay ----
  let timer;
  const watch = (doc) => {
    const meta = doc.querySelector('meta[name="session-ends"]');
    const ends = meta ? Date.parse(meta.content) : NaN;
    if (Number.isNaN(ends)) return;
    clearTimeout(timer);
    const wait = ends - Date.now() - 120000;
    if (wait < 86400000) timer = setTimeout(warn, Math.max(wait, 0));
  };
  const warn = () => {
    const main = document.querySelector("main");
    if (!main || document.getElementById("session-warning")) return;
    const box = document.createElement("div");
    box.id = "session-warning";
    box.className = "msg warn stay";
    box.setAttribute("role", "alert");
    const words = document.createElement("div");
    words.textContent = "You will be signed out in 2 minutes. What you have typed stays on this page.";
    const stay = document.createElement("button");
    stay.type = "button";
    stay.className = "btn small";
    stay.textContent = "Stay signed in";
    stay.addEventListener("click", async () => {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (!page.querySelector('meta[name="session-ends"]')) throw new Error("signed out");
        watch(page);
        box.remove();
      } catch {
        words.textContent = "This did not reach the hospital. Copy your text, then sign in again.";
      }
    });
    box.append(words, stay);
    main.prepend(box);
  };
  watch(document);
})();
