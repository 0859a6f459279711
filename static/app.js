// Vouch in the browser: focus, keys, polling, copying, failures. Every page works without this file.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const say = (words) => { const live = one("#live"); if (live) live.textContent = words; };
  const SETTLE_GUARD_MS = 250;
  let inFlight = 0, settledAt = 0, focusedId = "", pollsPaused = false, lastPick = null;

  // What only makes sense with JavaScript is hidden in the HTML and shown here, also after a swap.
  function prepare(root) {
    all("[data-copy], [data-pick-all], [data-poll-pause]", root).forEach((it) => { it.hidden = false; });
    all("[data-share]", root).forEach((it) => { it.hidden = !navigator.share; });
    all("[data-poll-pause]", root).forEach((it) => { it.textContent = pollsPaused ? "Resume updates" : "Pause updates"; });
    all("[data-countdown]", root).forEach(countDown);
    all("[data-zone]", root).forEach((it) => { it.value = Intl.DateTimeFormat().resolvedOptions().timeZone || ""; });
    // A table shown as cards loses its roles in some browsers: give them back.
    all("table.table--cards", root).forEach((table) => {
      table.setAttribute("role", "table");
      all("thead, tbody", table).forEach((it) => it.setAttribute("role", "rowgroup"));
      all("tr", table).forEach((it) => it.setAttribute("role", "row"));
      all("td", table).forEach((it) => it.setAttribute("role", "cell"));
      all("th[scope=row]", table).forEach((it) => it.setAttribute("role", "rowheader"));
      all("th[scope=col]", table).forEach((it) => it.setAttribute("role", "columnheader"));
    });
  }

  // Focus: the first error, else the new heading, else the control that had it before the swap.
  function focusAfter(root) {
    const target = root.querySelector("[data-autofocus-error]") || root.querySelector("[data-autofocus]")
      || (document.activeElement === document.body && focusedId && document.getElementById(focusedId));
    if (target) target.focus();
  }

  // Keys: letters press what carries data-key, never while typing, busy or just after a swap.
  function pressed(event) {
    if (event.key === "Escape") return closeMenus(null);
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog")) return;
    if (document.documentElement.dataset.keys === "off" || inFlight || Date.now() - settledAt < SETTLE_GUARD_MS) return;
    const target = all("[data-key]").find((it) => it.dataset.key === event.key && it.getClientRects().length);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input:not([type=radio], [type=checkbox]), textarea, details > summary")) target.focus();
    if (!target.matches("input:not([type=radio], [type=checkbox]), textarea")) target.click();
  }

  // Shift and a tick: everything between the last one and this one.
  function pickRange(box) {
    const boxes = all("input[type=checkbox]", box.closest("[data-picks]"));
    const from = boxes.indexOf(lastPick), to = boxes.indexOf(box);
    if (from < 0) return;
    boxes.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((it) => { it.checked = box.checked; });
  }

  function closeMenus(keep) {
    all("details.account[open], details.place[open], details.drawer[open], details.how[open]").forEach((menu) => {
      if (menu.contains(keep)) return;
      if (!keep && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    });
  }

  async function copy(button) {
    const field = one(button.dataset.copy), label = button.querySelector("[data-copied]");
    try { await navigator.clipboard.writeText(button.dataset.copies || field.value); } catch { if (field.select) field.select(); else getSelection().selectAllChildren(field); document.execCommand("copy"); }
    const before = label.textContent;
    if (before === label.dataset.copied) return;
    label.textContent = label.dataset.copied;
    say(field.value ? `${field.value} copied` : "Copied");
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  // The undo bar counts down, waits while it has the focus or the pointer, and leaves at zero.
  function countDown(bar) {
    if (bar.dataset.running) return;
    bar.dataset.running = "yes";
    const whole = Number(bar.dataset.countdown), words = bar.querySelector("[data-countdown-words]"), ring = bar.querySelector(".undo__left");
    let left = whole;
    const tick = setInterval(() => {
      if (!bar.isConnected) return clearInterval(tick);
      if (bar.matches(":hover, :focus-within")) return;
      left -= 1;
      if (words) words.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (ring) ring.setAttribute("stroke-dashoffset", String(100 - (100 * left) / whole));
      if (left <= 0) { clearInterval(tick); bar.remove(); }
    }, 1000);
  }

  // Failures: one bar, plain words, and the same button again.
  function fail(words, again, ofPoll = "") {
    const bar = one("#failure");
    if (!bar) return;
    bar.dataset.ofPoll = ofPoll;
    const retry = bar.querySelector("[data-failure-again]");
    bar.querySelector("[data-failure-words]").textContent = words;
    retry.hidden = !again;
    retry.onclick = () => { bar.hidden = true; again(); };
    bar.hidden = false;
  }
  function repeat(element) {
    return () => (element.matches("form") ? element.requestSubmit() : element.click());
  }
  function refused(event) {
    const { xhr, elt } = event.detail;
    if (xhr.status === 401) return location.reload();
    if (xhr.status === 429) return fail(`Too many tries. Wait ${xhr.getResponseHeader("Retry-After") || 60} seconds, then try again.`);
    if (xhr.status === 403) return fail("Your role does not allow this. Nothing was changed.");
    if (xhr.status === 404) return fail("This is no longer here. Reload the page to see how things stand.");
    if (elt.matches("[data-poll]")) return fail("These figures may be old: the portal did not answer.", null, "yes");
    return fail("Not saved. Something broke on our side.", repeat(elt));
  }

  const on = (name, act) => document.addEventListener(name, act);
  // Polls, and quiet requests that change nothing one could press: keys need not wait for them.
  const isQuiet = (detail) => (detail.requestConfig ? detail.requestConfig.elt : detail.elt).matches("[data-poll], [data-quiet]");
  on("htmx:beforeRequest", (event) => {
    const { elt, target } = event.detail;
    if (elt.matches("[data-poll]") && (document.hidden || pollsPaused)) return event.preventDefault();
    focusedId = document.activeElement ? document.activeElement.id : "";
    if (isQuiet(event.detail)) return;
    inFlight += 1;
    if (target) target.setAttribute("aria-busy", "true");
  });
  on("htmx:afterRequest", (event) => {
    if (isQuiet(event.detail)) return;
    inFlight = Math.max(0, inFlight - 1);
    settledAt = Date.now(); // what was just swapped in is not bound yet: a key would submit it natively
    if (event.detail.target) event.detail.target.removeAttribute("aria-busy");
  });
  on("htmx:beforeSwap", (event) => {
    // The server's own sentence for a refusal goes to #notices, whatever its status code.
    if (event.detail.xhr.getResponseHeader("HX-Retarget") === "#notices") { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  on("htmx:afterSettle", (event) => {
    if (!isQuiet(event.detail)) settledAt = Date.now();
    const bar = one("#failure");
    if (bar && (!isQuiet(event.detail) || bar.dataset.ofPoll)) bar.hidden = true;
    prepare(document);
    focusAfter(event.detail.elt);
  });
  on("htmx:responseError", refused);
  on("htmx:sendError", (event) => {
    const { elt } = event.detail;
    if (elt.matches("[data-poll]")) return fail("No connection. These figures may be old.", null, "yes");
    return fail("Not saved. Check your connection.", repeat(elt));
  });
  on("keydown", pressed);
  on("click", (event) => {
    closeMenus(event.target);
    if (event.shiftKey && event.target.matches("[data-picks] input[type=checkbox]")) pickRange(event.target);
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.matches("[data-copy]")) copy(button);
    if (button.matches("[data-failure-close]")) one("#failure").hidden = true;
    if (button.matches("[data-poll-pause]")) { pollsPaused = !pollsPaused; prepare(document); say(pollsPaused ? "Updates paused" : "Updates resumed"); }
    if (button.matches("[data-share]") && navigator.share) {
      event.preventDefault();
      navigator.share({ text: button.dataset.share, url: button.dataset.shareUrl }).catch(() => {});
    }
  });
  on("change", (event) => {
    if (event.target.matches("[data-picks] input[type=checkbox]")) lastPick = event.target;
    if (!event.target.matches("[data-pick-all]")) return;
    all("input[type=checkbox]:not([data-pick-all])", event.target.closest("table, form")).forEach((box) => { box.checked = event.target.checked; });
  });
  on("input", (event) => {
    const wanted = Number(event.target.dataset.submitAt);
    if (wanted && event.target.value.replace(/\D/g, "").length === wanted) event.target.form.requestSubmit();
  });
  // A second press of the same button sends nothing while the first is under way.
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-delete]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // A page that answers a form, refused or to be read again, takes the form's address: going back to it sends nothing
  // twice. Its fields count as typed, so that the browser keeps them for that.
  const asked = one("meta[name=asked-from]");
  if (asked) {
    history.replaceState(history.state, "", asked.content);
    all("form[method=post] :is(textarea, input:not([type=hidden], [type=file], [type=password], [type=checkbox], [type=radio]))").forEach((it) => { it.value = it.value; });
  }
  prepare(document);
  const mistake = one("[data-autofocus-error]");
  if (mistake) mistake.focus();
})();
