
"use strict";
(() => {
  const form = document.getElementById("filters");
  const search = document.getElementById("search");
  const alerts = document.getElementById("alerts");
  const selects = [...form.querySelectorAll("select")];
  const records = [...document.querySelectorAll("#records > details")];
  // Made on the first search: a large log takes a moment.
  let texts = null;
  const textOf = (index) => {
    texts ??= records.map((record) => record.textContent.toLowerCase());
    return texts[index];
  };
  const visible = () => records.filter((record) => !record.hidden);

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects.filter((select) => select.value !== "").map((select) => [select.dataset.field, select.value]);
    let shown = 0;
    records.forEach((record, index) => {
      const fits =
        wanted.every(([field, value]) => record.dataset[field] === value) &&
        (!alerts.checked || "alerts" in record.dataset) &&
        (words.length === 0 || words.every((word) => textOf(index).includes(word)));
      record.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    document.querySelectorAll("#records > h2").forEach((day) => {
      let next = day.nextElementSibling;
      while (next && next.tagName !== "H2" && next.hidden) next = next.nextElementSibling;
      day.hidden = !next || next.tagName === "H2";
    });
    document.getElementById("count").textContent = `${shown} of ${records.length}`;
    document.getElementById("none").hidden = shown > 0;
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(apply));

  const step = (by) => {
    const rows = visible();
    const at = rows.findIndex((record) => record.contains(document.activeElement));
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
    next?.querySelector("summary").focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      form.reset();
      document.activeElement?.blur();
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const acts = {
      "/": () => search.focus(),
      j: () => step(1),
      k: () => step(-1),
      x: () => {
        const rows = visible();
        const open = !rows.every((record) => record.open);
        rows.forEach((record) => { record.open = open; });
      },
    };
    if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  });

  form.hidden = false;
  apply();
})();
