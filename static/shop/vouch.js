// Vouch for shops: keeps the click number of an affiliate link in the shop's own storage and hands
// it to the cart. No third-party cookie, no request to anybody but the shop itself.
(() => {
  "use strict";
  const me = document.currentScript, NAME = "vclid", DAYS = 90;
  const asked = (me && me.dataset) || {};
  const CLICK = /^\d{1,19}$/;

  // ---- consent: the visitor's browser signal first, then what the shop's banner said.
  const REFUSES = navigator.globalPrivacyControl === true || asked.consent === "denied";
  let granted = !REFUSES && asked.consent !== "ask";

  function kept() {
    try {
      const { id, until } = JSON.parse(localStorage.getItem(NAME) || "{}");
      if (CLICK.test(id || "") && until > Date.now()) return id;
    } catch { /* storage is closed to us: the cookie may not be */ }
    const found = document.cookie.match(/(?:^|; )vclid=(\d{1,19})(?:;|$)/);
    return found ? found[1] : "";
  }

  function keep(id) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${NAME}=${id}; Max-Age=${DAYS * 86400}; Path=/; SameSite=Lax${secure}`;
    try {
      localStorage.setItem(NAME, JSON.stringify({ id, until: Date.now() + DAYS * 864e5 }));
    } catch { /* the cookie alone will do */ }
  }

  function forget() {
    takeBack();
    document.cookie = `${NAME}=; Max-Age=0; Path=/; SameSite=Lax`;
    try { localStorage.removeItem(NAME); } catch { /* there was nothing */ }
  }

  const landed = new URLSearchParams(location.search).get(NAME) || "";

  // ---- the cart
  function tellCart(id) {
    const root = (window.Shopify && window.Shopify.routes && window.Shopify.routes.root) || "/";
    return fetch(`${root}cart/update.js`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ attributes: { [NAME]: id } }),
    }).then((answer) => { if (answer.ok) sessionStorageRemembers(id); }, () => {});
  }

  // A page's links may be anything: mailto:, tel:, or no address at all.
  function payLinks() {
    const hosts = ["buy.stripe.com", ...(asked.links || "").split(/[ ,]+/).filter(Boolean)];
    const found = [...document.querySelectorAll("a[href]")].map((link) => {
      try { return [link, new URL(link.href)]; } catch { return [link, null]; }
    });
    return found.filter(([, to]) => to && hosts.includes(to.host));
  }

  const hand = {
    shopify(id) {
      if (sessionStorageRemembered() !== id) tellCart(id);
    },
    woocommerce(id) {
      for (const form of document.querySelectorAll("form.checkout, form.woocommerce-checkout, form[name=checkout]")) {
        let field = form.querySelector("input[name=_vclid]");
        if (!field) {
          field = document.createElement("input");
          field.type = "hidden";
          field.name = "_vclid";
          form.append(field);
        }
        field.value = id;
      }
    },
    stripe(id) {
      for (const [link, to] of payLinks()) {
        if (to.searchParams.get("client_reference_id")) continue;
        to.searchParams.set("client_reference_id", id);
        link.href = to.href;
      }
      for (const button of document.querySelectorAll("stripe-buy-button, stripe-pricing-table")) {
        if (!button.getAttribute("client-reference-id")) button.setAttribute("client-reference-id", id);
      }
    },
  };

  // What was handed over and not bought yet is taken back with the consent.
  function takeBack() {
    const id = kept();
    if (sessionStorageRemembered()) tellCart("");
    for (const field of document.querySelectorAll("input[name=_vclid]")) field.remove();
    if (asked.shop !== "stripe" || !id) return;
    for (const [link, to] of payLinks()) {
      if (to.searchParams.get("client_reference_id") !== id) continue;
      to.searchParams.delete("client_reference_id");
      link.href = to.href;
    }
    for (const button of document.querySelectorAll(`[client-reference-id="${id}"]`)) {
      button.removeAttribute("client-reference-id");
    }
  }

  function sessionStorageRemembered() {
    try { return sessionStorage.getItem("vclid-in-cart") || ""; } catch { return ""; }
  }
  function sessionStorageRemembers(id) {
    try { sessionStorage.setItem("vclid-in-cart", id); } catch { /* told again on the next page */ }
  }

  function work() {
    if (!granted) return;
    if (CLICK.test(landed)) keep(landed);
    const id = kept();
    const shop = hand[asked.shop];
    if (id && shop) shop(id);
  }

  // What the shop's own banner calls; `click` is for shops that hand it over themselves.
  window.vouch = {
    grant() { if (!REFUSES) { granted = true; work(); } return granted; },
    deny() { granted = false; forget(); },
    get click() { return granted ? kept() : ""; },
  };

  if (REFUSES) forget();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", work);
  else work();
  // Checkouts that draw themselves again (WooCommerce, page builders): looked at once they settle.
  let waiting = 0;
  if (asked.shop !== "shopify") {
    new MutationObserver(() => { clearTimeout(waiting); waiting = setTimeout(work, 200); })
      .observe(document.documentElement, { childList: true, subtree: true });
  }
})();
