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

let over = 0;

function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-since]")) say(time, span(now - Number(time.dataset.since)));
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Number(time.dataset.until) - now;
    say(time, span(left));
    // Not again and again: the service's clock may be behind this one.
    if (left <= 0 && now - over > 10000) {
      over = now;
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
let loaded = 0;

// Not more often than every two seconds, however much happens: the service counts what somebody asks for.
function soon() {
  if (waiting) return;
  waiting = setTimeout(load, Math.max(300, loaded + 2000 - Date.now()));
}

async function load() {
  loaded = Date.now();
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
  events.addEventListener("ready", () => {
    // Something may have happened between this page and the stream, or while it was broken off.
    soon();
    document.documentElement.dataset.live = "yes";
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
if (document.querySelector("[data-live]")) follow();
