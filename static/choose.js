/* The search box of a list to choose from. All works without this. */
(() => {
  "use strict";
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
  for (const list of document.querySelectorAll("[data-picks]")) {
    const search = list.querySelector(".picks__search"), box = search.querySelector("input");
    const rows = [...list.querySelectorAll("[data-words]")];
    search.hidden = false;
    box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    box.addEventListener("input", () => {
      const words = fold(box.value).split(/\s+/);
      for (const row of rows) row.hidden = !words.every((word) => row.dataset.words.includes(word));
      for (const folded of list.querySelectorAll("details")) folded.open ||= !!box.value;
      const count = rows.filter((row) => !row.hidden).length;
      search.querySelector("span").textContent = box.value ? `${count} of ${rows.length} agencies` : "";
    });
  }
})();
