// Keeps a page true without loading it again: times every second, and what the service tells of. Everything works without it.
"use strict";

const here = document.getElementById("live");
const stale = document.getElementById("stale");

function span(millis) {
  const secs = Math.max(0, Math.floor(millis / 1000));
  if (secs < 60) return `${secs} s`;
  if (secs < 3600) return `${Math.floor(secs / 60)} min`;
  if (secs < 86400) return `${Math.floor(secs / 3600)} h ${Math.floor((secs % 3600) / 60)} min`;
  return `${Math.floor(secs / 86400)} d ${Math.floor((secs % 86400) / 3600)} h`;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-since]")) say(time, span(now - Number(time.dataset.since)));
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Number(time.dataset.until) - now;
    say(time, span(left));
    if (left <= 0 && !time.dataset.over) {
      time.dataset.over = "yes";
      soon();
    }
  }
  for (const time of document.querySelectorAll("time[data-at]")) {
    say(time, new Date(Number(time.dataset.at)).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));
  }
}

const title = document.title;
// A review that was not taken is answered at its own address.
const address = location.pathname.replace(/\/review$/, "");

function count() {
  const list = document.querySelector("[data-count]");
  if (list) document.title = Number(list.dataset.count) > 0 ? `(${list.dataset.count}) ${title}` : title;
}

// Takes over the parts that live. What somebody is writing stays, and so does where they are.
function take(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const next = page.getElementById(old.id);
    if (!next) continue;
    if (old.dataset.version !== undefined && old.dataset.version === next.dataset.version) continue;
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const written = old.querySelector("textarea");
    const field = next.querySelector("textarea");
    if (written && field) field.value = written.value;
    const goal = active && active.getAttribute("href");
    old.replaceWith(next);
    if (!active) continue;
    const again = active.id ? document.getElementById(active.id) : [...next.querySelectorAll("a")].find((link) => link.getAttribute("href") === goal);
    if (again) again.focus({ preventScroll: true });
  }
  tick();
  count();
}

let waiting = null;

function soon() {
  if (waiting) return;
  waiting = setTimeout(load, 400);
}

async function load() {
  try {
    const answer = await fetch(address + location.search, { redirect: "manual", headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  } finally {
    waiting = null;
  }
}

function follow() {
  const events = new EventSource("/approver/v1/events");
  let first = true;
  events.addEventListener("ready", () => {
    // After a break: something may have happened in between.
    if (!first) soon();
    first = false;
    stale.hidden = true;
  });
  events.addEventListener("request", (event) => {
    const { event: what, request } = JSON.parse(event.data);
    if (document.getElementById("requests")) {
      if (what === "requested") here.textContent = `A new request waits: ${request.tool}`;
      soon();
    } else if (address === `/r/${request.id}`) {
      here.textContent = `This request is ${request.status}`;
      soon();
    }
  });
  events.addEventListener("error", () => {
    // It tries again by itself unless the login is over.
    if (events.readyState === EventSource.CLOSED) stale.hidden = false;
  });
}

tick();
count();
setInterval(tick, 1000);
follow();
