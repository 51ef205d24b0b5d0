/* What can be measured on a page: the tests call these. */
window.looking = {
  /* Controls that are smaller than 24 px and do not stand in a sentence, as [words, width, height]. */
  smallTargets() {
    const found = [];
    for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      const target = one.matches("input[type=checkbox], input[type=radio]") ? one.closest("label") ?? one : one;
      const { width, height } = target.getBoundingClientRect();
      if (!target.checkVisibility() || target.closest("[aria-hidden=true]") || (width >= 23.9 && height >= 23.9) || this.standsInSentence(one)) continue;
      found.push([(one.textContent || one.id).trim(), Math.round(width), Math.round(height)]);
    }
    return found;
  },
  /* WCAG excepts links whose height is that of the line of text around them. */
  standsInSentence(link) {
    if (link.tagName !== "A" || getComputedStyle(link).display !== "inline") return false;
    const block = link.closest("p, dd, dt, td, th, blockquote, li, div");
    const around = [...block.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE && one.data.trim());
    return around.length > 0;
  },
  /* Elements that reach beyond the right edge of the window and are not inside something that scrolls by itself. */
  overflowing() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const found = [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest(".table-wrap"))
      .map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`);
    return found.length ? found : [`the page, which is ${document.documentElement.scrollWidth} px wide`];
  },
  /* Levels of the headings, in order. */
  headings() {
    return [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((one) => one.checkVisibility())
      .map((one) => Number(one.tagName[1]));
  },
  /* Elements that would move or fade. */
  moving() {
    const takesTime = (style) => parseFloat(style.transitionDuration) || parseFloat(style.animationDuration);
    return [...document.querySelectorAll("*")].filter((one) => takesTime(getComputedStyle(one))).map((one) => one.className);
  },
  /* The colours of the text in the masthead and its links, and what they are where the reader's own colours rule. */
  colours() {
    return [".masthead", ".masthead a"].map((one) => getComputedStyle(document.querySelector(one)).color);
  },
  systemColours() {
    return ["CanvasText", "LinkText"].map((colour) => {
      const one = document.body.appendChild(document.createElement("span"));
      one.style.color = colour;
      return getComputedStyle(one).color;
    });
  },
  // But for the menus of the header, which lie over the page while they are open.
  openAll() {
    for (const one of document.querySelectorAll("details:not(.submenu)")) one.open = true;
  },
};
