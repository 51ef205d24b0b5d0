// Finds rows.
for (const list of document.querySelectorAll("[data-picks]")) {
  const all = (css) => list.querySelectorAll(css), [box] = all("[type=search]");
  box.parentNode.hidden = false;
  box.onkeydown = ({ key }) => key !== "Enter";
  box.oninput = () => {
    const q = box.value.normalize("NFKD").replace(/[\p{M}\p{Cf}]/gu, "").replace(/\p{Pd}/gu, "-").replace(/[‘’]/g, "'").toLowerCase();
    for (const row of all("[data-words]")) row.hidden = !row.dataset.words.includes(q);
    for (const one of all("details")) one.open ||= q;
  };
}
