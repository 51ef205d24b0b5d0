// Prints Lighthouse's four scores for the pages that people open most, under its mobile throttling.
// TRACKER_URL says where the site is, CHROME_PATH where the browser is; `make lighthouse` sets both.
import * as chromeLauncher from "chrome-launcher";
import lighthouse from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const PAGES = {
  Overview: "/plans/year-two/",
  Activities: "/plans/year-two/activities/",
  Activity: "/plans/year-two/activities/3/",
  Agency: "/plans/year-two/agencies/police/",
};

// What keeps a score below 100, in the words of Lighthouse: what weighs nothing in the score is left out.
function shortcomings(report, category) {
  return report.categories[category].auditRefs
    .filter(({ id, weight }) => weight > 0 && report.audits[id].score !== null && report.audits[id].score < 1)
    .map(({ id }) => `    ${category}: ${report.audits[id].title} ${report.audits[id].displayValue ?? ""}`.trimEnd());
}

// One visit as Lighthouse sees it: its report and the four scores, as whole numbers.
async function visit(address, port) {
  const { lhr } = await lighthouse(address, { port, onlyCategories: CATEGORIES, logLevel: "error" });
  return { lhr, scores: CATEGORIES.map((category) => Math.round(lhr.categories[category].score * 100)) };
}

// The best of up to three visits: whatever else the machine is doing can only make a page look slower than it is.
async function bestVisit(address, port) {
  let best = await visit(address, port);
  for (let more = 2; more > 0 && best.scores[0] < 100; more -= 1) {
    const next = await visit(address, port);
    if (next.scores[0] > best.scores[0]) best = next;
  }
  return best;
}

const chrome = await chromeLauncher.launch({ chromeFlags: ["--headless=new", "--no-sandbox"] });
let failed = false;
try {
  console.log(`${"Page".padEnd(12)}${CATEGORIES.map((name) => name.padStart(16)).join("")}`);
  for (const [name, path] of Object.entries(PAGES)) {
    const { lhr, scores } = await bestVisit(process.env.TRACKER_URL + path, chrome.port);
    console.log(`${name.padEnd(12)}${scores.map((score) => String(score).padStart(16)).join("")}`);
    const found = CATEGORIES.filter((_, index) => scores[index] < 100).flatMap((one) => shortcomings(lhr, one));
    if (found.length) console.log(found.join("\n"));
    failed ||= scores.some((score) => score < 100);
  }
} finally {
  await chrome.kill();
}
process.exit(failed ? 1 : 0);
