/* Who goes back after signing out gets what a visitor gets, not a page that the browser has kept as it was. */
addEventListener("pagehide", () => { document.documentElement.hidden = true; });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
