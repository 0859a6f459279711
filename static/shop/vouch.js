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
    document.cookie = `${NAME}=; Max-Age=0; Path=/; SameSite=Lax`;
    try { localStorage.removeItem(NAME); } catch { /* there was nothing */ }
  }

  const landed = new URLSearchParams(location.search).get(NAME) || "";

  // ---- the cart
  const hand = {
    shopify(id) {
      const root = (window.Shopify && window.Shopify.routes && window.Shopify.routes.root) || "/";
      if (sessionStorageSays(id)) return;
      fetch(`${root}cart/update.js`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ attributes: { [NAME]: id } }),
      }).then((answer) => { if (answer.ok) sessionStorageRemembers(id); }, () => {});
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
      for (const link of document.querySelectorAll("a[href]")) {
        const to = new URL(link.href, location.href);
        const hosts = ["buy.stripe.com", ...(asked.links || "").split(/[ ,]+/)];
        if (!hosts.includes(to.host) || to.searchParams.get("client_reference_id")) continue;
        to.searchParams.set("client_reference_id", id);
        link.href = to.href;
      }
      for (const button of document.querySelectorAll("stripe-buy-button, stripe-pricing-table")) {
        if (!button.getAttribute("client-reference-id")) button.setAttribute("client-reference-id", id);
      }
    },
  };

  function sessionStorageSays(id) {
    try { return sessionStorage.getItem("vclid-in-cart") === id; } catch { return false; }
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
