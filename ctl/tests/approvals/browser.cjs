// Clicks through the approvers' page in Chromium. Started by `browser.rs`, which says what is where in PORTCULLIS_STAND.
"use strict";
const assert = require("node:assert");
const path = require("node:path");
const { chromium } = require("playwright-core");

const { url, secret, id, later, hostile, emergency } = JSON.parse(process.env.PORTCULLIS_STAND);
const folder = process.env.PORTCULLIS_SCREENSHOTS;

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.PORTCULLIS_CHROMIUM, args: ["--no-sandbox"] });
  try {
    for (const [name, options] of Object.entries({
      light: { viewport: { width: 1200, height: 900 } },
      dark: { viewport: { width: 1200, height: 900 }, colorScheme: "dark" },
      phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
    })) {
      const context = await browser.newContext(options);
      await look(await context.newPage(), name);
      await context.close();
    }
    await decide(await (await browser.newContext()).newPage());
    await breakGlass(browser);
  } finally {
    await browser.close();
  }
}

function watched(page) {
  const troubles = [];
  // A policy that refuses something, a script that fails, anything that ran which should not.
  page.on("console", (message) => message.type() === "error" && !/ 4\d\d /.test(message.text()) && troubles.push(message.text()));
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("dialog", (dialog) => troubles.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  return troubles;
}

async function logIn(page, user, groups, to) {
  await page.goto(url + to);
  await page.fill("input[name=user]", user);
  await page.fill("input[name=groups]", groups);
  await page.click("button");
  await page.waitForURL(`${url}${to}`);
}

async function shot(page, name) {
  if (folder) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

async function look(page, name) {
  const troubles = watched(page);
  await logIn(page, "bob", "leads", "/");
  await shot(page, `${name}-list`);
  assert.deepStrictEqual(await page.evaluate(unsaid), [], `${name} list`);
  for (const [what, to] of [["detail", `/r/${id}`], ["hostile", `/r/${hostile}`], ["history", "/history?q=sql"], ["reviews", "/reviews"], ["missing", "/r/apr_none"]]) {
    await page.goto(url + to);
    await shot(page, `${name}-${what}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} ${what}: ${wide} px too wide`);
    assert.deepStrictEqual(await page.evaluate(unsaid), [], `${name} ${what}: no name, a heading left out, or too small for a finger`);
  }
  assert.deepStrictEqual(troubles, []);
}

// What a screen reader could not say, or a finger not hit. Runs in the page.
function unsaid() {
  const found = [];
  const named = (element) => element.textContent.trim() || element.getAttribute("aria-label") || (element.labels && element.labels.length);
  for (const element of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")) {
    if (!named(element)) found.push(`no name: ${element.outerHTML.slice(0, 80)}`);
    const { height } = element.getBoundingClientRect();
    if (element.matches("button, input, select, textarea") && height > 0 && height < 32) found.push(`${height} px high: ${element.outerHTML.slice(0, 80)}`);
  }
  const levels = [...document.querySelectorAll("h1, h2, h3")].map((heading) => Number(heading.tagName[1]));
  if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) found.push(`headings ${levels}`);
  for (const list of document.querySelectorAll("[aria-labelledby]")) if (!document.getElementById(list.getAttribute("aria-labelledby"))) found.push("label of nothing");
  return found;
}

async function breakGlass(browser) {
  const oscar = await (await browser.newContext()).newPage();
  const troubles = watched(oscar);
  await logIn(oscar, "oscar", "on-call", `/r/${emergency}`);
  await shot(oscar, "light-emergency");
  assert.match(await oscar.textContent("#decide"), /you may approve it alone/);
  assert.strictEqual(await oscar.locator("button[value=approve]").count(), 0);
  // Without a reason the browser itself does not send it.
  await oscar.click("button[value=break_glass]");
  assert.strictEqual(await oscar.evaluate(() => document.querySelector("#reason").validity.valueMissing), true);
  await oscar.fill("#reason", "the shop is down");
  await oscar.click("button[value=break_glass]");
  await oscar.locator("#state .badge.emergency").waitFor();
  assert.match(await oscar.textContent("#said"), /oscar approved alone, in an emergency/);
  assert.strictEqual(await oscar.locator("button[value=justified]").count(), 0, "nobody reviews himself");

  const sam = await (await browser.newContext()).newPage();
  const others = watched(sam);
  await logIn(sam, "sam", "security", "/reviews");
  await shot(sam, "light-reviews-open");
  await sam.click(`a[href="/r/${emergency}"]`);
  await sam.fill("#reason", "it could not wait");
  await shot(sam, "light-review");
  await sam.click("button[value=justified]");
  await sam.locator("#said", { hasText: "found the emergency justified" }).waitFor();
  assert.strictEqual(await sam.locator("#state .badge.emergency").count(), 0);
  await sam.goto(`${url}/reviews`);
  assert.strictEqual(await sam.locator(`a[href="/r/${emergency}"]`).count(), 0);
  assert.deepStrictEqual([...troubles, ...others], []);
}

async function decide(page) {
  const troubles = watched(page);
  await logIn(page, "bob", "leads", "/");
  await page.locator("html[data-live=yes]").waitFor();
  // A request that comes later appears by itself, and is announced.
  const answer = await fetch(`${url}/access/v1/requests`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", "idempotency-key": later.context.binding },
    body: JSON.stringify(later),
  });
  const task = (await answer.json()).task;
  const link = page.locator(`a[href="/r/${task.id}"]`);
  await link.waitFor({ timeout: 5000 });
  assert.match(await page.textContent("#live"), /new request waits/);
  assert.match(await page.title(), /^\(\d+\)/);
  // Two clicks; what is written stays while others' words come in.
  await link.click();
  await page.fill("#reason", "looked at it");
  await page.click("button[value=approve]");
  await page.locator("#state .badge.approved").waitFor();
  assert.match(await page.textContent("#said"), /bob approved for leads/);
  assert.match(await page.textContent("#said"), /looked at it/);
  // By keyboard alone: the first stop leads to the content; the form is reached and sent.
  await page.goto(`${url}/r/${id}`);
  await page.keyboard.press("Tab");
  assert.strictEqual(await page.evaluate(() => document.activeElement.className), "skip");
  for (let stop = 0; stop < 30 && !(await page.evaluate(() => document.activeElement.id === "reason")); stop++) await page.keyboard.press("Tab");
  await page.keyboard.type("not on a Friday");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.strictEqual(await page.evaluate(() => document.activeElement.value), "deny");
  await page.keyboard.press("Enter");
  await page.locator("#state .badge.denied").waitFor();
  await shot(page, "light-refused");
  await page.click(".who button");
  await page.getByRole("heading", { name: "Logged out" }).waitFor();
  await page.goto(`${url}/`);
  assert.ok(!page.url().startsWith(url), "nobody is logged in");
  assert.deepStrictEqual(troubles, []);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
