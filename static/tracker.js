/* What the pages do beyond their HTML. Everything works without it. */
(() => {
  "use strict";
  const get = (id) => document.getElementById(id);
  const say = (text) => { const box = get("announce"); if (box && box.textContent !== text) box.textContent = text; };
  let slow, failed;

  // "/" goes to the search box, unless somebody is writing.
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    const box = get("find");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing || !box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // The search box of the filters asks while people type; leaving it need not ask again.
  document.addEventListener("change", (event) => { if (event.target.id === "q") event.stopPropagation(); }, true);

  const trouble = (shown) => { const box = get("trouble"); if (box) box.hidden = !shown; };
  const settle = () => { clearTimeout(slow); get("browse")?.removeAttribute("aria-busy"); };

  document.addEventListener("htmx:beforeRequest", () => {
    trouble(false);
    clearTimeout(slow);
    get("browse")?.setAttribute("aria-busy", "true");
    slow = setTimeout(() => say("Still fetching the list…"), 1000);
  });

  // Another page than ours (somebody was signed out): go there, rather than show half of it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (target.id !== "results" || xhr.status !== 200 || xhr.responseText.includes('id="results"')) return;
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL);
  });

  document.addEventListener("htmx:afterSettle", () => {
    settle();
    const results = get("results"), box = get("q"), count = get("count");
    if (!results) return;
    if (document.activeElement === document.body) count.focus();
    if (document.activeElement !== box) box.value = results.dataset.q;
    document.title = results.dataset.title;
    say(count.textContent);
  });

  const fail = (event) => {
    settle();
    failed = event.detail.pathInfo.finalRequestPath || event.detail.pathInfo.requestPath;
    say("");
    trouble(true);
  };
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, fail);

  document.addEventListener("click", (event) => {
    if (event.target.id === "retry") htmx.ajax("GET", failed, { target: "#results", swap: "outerHTML" });
  });
})();
