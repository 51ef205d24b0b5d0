/* Who goes back after signing out gets what a visitor gets, not a page that the browser has kept as it was. */
addEventListener("pagehide", () => { document.documentElement.hidden = true; });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

/* Whoever leaves a page with words that are not saved is asked first. */
(() => {
  "use strict";
  let sent;
  const isTyped = (box) => box.form?.method === "post" && box.form !== sent && box.value.trim() && box.value !== box.defaultValue;
  const isUnsaved = (form) => form !== sent;
  addEventListener("submit", (event) => { if (!event.defaultPrevented) sent = event.target; });
  addEventListener("pageshow", () => { sent = null; });
  addEventListener("beforeunload", (event) => {
    const boxes = [...document.querySelectorAll("textarea, input[type=text]")];
    const forms = [...document.querySelectorAll("form[data-unsaved]")];
    if (boxes.some(isTyped) || forms.some(isUnsaved)) event.preventDefault();
  });
})();

/* Where a form has a button for each card, Enter would press that of the first card. */
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("form[data-cards] input")) event.preventDefault();
});
