/* Finds rows. */
for (const list of document.querySelectorAll("[data-picks]")) {
  const all = (css) => list.querySelectorAll(css), [box] = all("[type=search]");
  box.parentNode.hidden = false;
  box.onkeydown = ({ key }) => key !== "Enter";
  box.oninput = () => {
    const q = box.value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    for (const row of all("[data-words]")) row.hidden = !row.dataset.words.includes(q);
    for (const one of all("details")) one.open ||= q;
  };
}
