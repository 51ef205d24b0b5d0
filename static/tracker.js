/* All works without this. */
(() => {
  "use strict";
  const get = (id) => document.getElementById(id);
  const on = document.addEventListener.bind(document);
  const announce = get("announce"), browse = get("browse"), trouble = get("trouble"), slash = get("slash");
  const COPIED = "Link copied";
  let slow, failed, latest, isOff;

  // "/" goes to the search box, unless somebody writes or has turned it off, as speech users must.
  const turn = (off) => {
    if (slash) slash.textContent = `Turn ${off ? "on" : "off"} the / shortcut`;
    isOff = off;
  };
  try { turn(localStorage.slash === "off"); } catch {}
  slash?.addEventListener("click", () => {
    turn(!isOff);
    try { localStorage.slash = isOff ? "off" : "on"; } catch {}
  });
  on("keydown", (event) => {
    const isWriting = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isWriting || isOff) return;
    event.preventDefault();
    get("find")?.select();
  });

  // An open menu closes by Escape, and by a click or the focus elsewhere.
  const close = (isLeft) => {
    for (const menu of document.querySelectorAll(".submenu[open]")) if (isLeft(menu)) menu.open = false;
  };
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.activeElement.closest(".submenu[open]")?.firstElementChild.focus();
    close(() => true);
  });
  for (const event of ["click", "focusin"]) on(event, ({ target }) => close((menu) => !menu.contains(target)));

  const say = (text, isShown) => {
    announce.textContent = text;
    announce.classList.toggle("visually-hidden", !isShown);
  };

  on("click", async ({ target }) => {
    if (announce?.textContent === COPIED) say("");
    if (!target.matches(".copy-link")) return;
    const link = location.href.split("#")[0];
    // Without HTTPS there is no clipboard.
    try { await navigator.clipboard.writeText(link); say(COPIED, true); } catch { prompt("Copy this link:", link); }
  });
  if (!browse) return;

  // The search box asks while people type, so not when it is left.
  on("change", (event) => { if (event.target.id === "q") event.stopPropagation(); }, true);

  const settle = () => {
    clearTimeout(slow);
    browse.removeAttribute("aria-busy");
    say("");
  };

  on("htmx:beforeRequest", ({ detail }) => {
    latest?.abort();
    latest = detail.xhr;
    settle();
    browse.setAttribute("aria-busy", "true");
    slow = setTimeout(say, 1000, "Still fetching the list…", true);
  });

  // Another page than ours (signed out): go there.
  on("htmx:beforeSwap", ({ detail }) => {
    const { xhr } = detail;
    if (xhr.status > 200 || xhr.responseText.includes('id="results"')) return;
    detail.shouldSwap = false;
    location.assign(xhr.responseURL);
  });

  // Opened lists of filters stay open when they are sent again; before htmx gives the focus back.
  let opened = [];
  on("htmx:beforeSwap", () => { opened = [...browse.querySelectorAll("#facets details[open]")].map((one) => one.id); });
  on("htmx:oobAfterSwap", () => { for (const id of opened) get(id)?.setAttribute("open", ""); });

  on("htmx:afterSettle", ({ target: results }) => {
    if (results.id !== "results") return;
    const count = get("count"), box = get("q"), active = document.activeElement;
    const isLost = active === document.body || trouble.contains(active);
    settle();
    // The focus is read out anyway.
    if (isLost || active.matches(".facets__submit")) count.focus({ preventScroll: isLost });
    else say(count.textContent);
    if (active !== box) box.value = results.dataset.q;
    document.title = results.dataset.title;
    trouble.hidden = true;
  });

  for (const event of ["sendError", "responseError", "timeout"]) on(`htmx:${event}`, ({ detail }) => {
    if (detail.xhr !== latest) return;
    settle();
    failed = detail.pathInfo.finalRequestPath;
    if (!trouble.hidden) say("That did not work either.");
    trouble.hidden = false;
  });
  get("retry").addEventListener("click", () => {
    htmx.ajax("GET", failed, { target: "#results", swap: "outerHTML" }).catch(() => {});
  });
})();
