// The map: services that send, events, services that receive; and who is hurt when a field changes.
"use strict";
(() => {
  const catalog = window.TIDINGS_CATALOG;
  const map = document.querySelector("#map");
  const board = map.querySelector(".board");
  const lines = board.querySelector("svg");
  const panel = map.querySelector("#map-panel");
  const selects = { domain: map.querySelector("#map-domain"), service: map.querySelector("#map-service") };
  const columns = Object.fromEntries([...board.querySelectorAll("ul")].map((list) => [list.dataset.column, list]));
  const events = new Map(catalog.events.map((event) => [event.id, event]));
  const services = new Map(catalog.services.map((service) => [service.name, service]));
  // More events than this are shown as domains.
  const MOST = 70;
  const CHANGES = {
    "remove": "is removed", "rename": "gets another name", "optional": "becomes optional", "required": "becomes required",
    "retype": "gets another type", "null": "may be null", "limit": "allows less", "value-more": "gets one more value",
    "value-less": "loses a value",
  };
  let state = {};

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const link = (page, text, code = true) => make("a", { href: page }, code ? make("code", {}, ...broken(text)) : text);
  // Long names break behind dots and underscores.
  const broken = (name) => name.split(/(?<=[._])/).flatMap((part, number) => number ? [make("wbr"), part] : [part]);
  const serviceLink = (name) => link(services.get(name).page, name);
  const badge = (kind, text) => make("span", { className: `badge ${kind}`, textContent: text });

  // The state is the address, so that what is seen can be sent to somebody.
  const read = () => {
    state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    if (state.event && !events.has(state.event)) delete state.event;
    // Of a link to an event, its neighbours are enough to see.
    if (state.event) state.domain ??= events.get(state.event).domain;
    if (state.service && !services.has(state.service)) delete state.service;
  };
  const go = (changes) => {
    const next = { ...state, ...changes };
    Object.keys(next).forEach((key) => next[key] || delete next[key]);
    const hash = new URLSearchParams(next).toString();
    history.replaceState(null, "", `#${hash}`);
    state = next;
    draw();
  };

  const touches = (event, service) =>
    event.sent.some((one) => one.service === service) || event.received.some((one) => one.service === service);
  const shown = () => catalog.events.filter((event) =>
    (!state.domain || event.domain === state.domain) && (!state.service || touches(event, state.service)));

  const impact = () => {
    const event = events.get(state.event);
    if (!event) return undefined;
    const version = event.versions.find((one) => String(one.major) === state.version) || event.versions[0];
    const field = version.fields.find((one) => one.path === state.field);
    if (!field) return { event, version };
    const verdicts = catalog.verdicts[field.verdicts];
    const verdict = verdicts.find((one) => one.change === state.change) || verdicts[0];
    return { event, version, field, verdicts, verdict };
  };

  // Every event whose payload has the same field of the same shared type.
  const alike = (field) => {
    if (!field.of) return [];
    const key = field.of.join("\n");
    return catalog.events.flatMap((event) => event.versions.filter((version) =>
      version.fields.some((one) => one.of && one.of.join("\n") === key)).map((version) => ({ event, version })));
  };
  const readers = (event, version) => event.received.filter((one) => one.takes.includes(version.major));
  const writers = (event, version) => event.sent.filter((one) => one.majors.includes(version.major));

  const hurt = (found) => {
    const takes = new Set();
    if (!found?.verdict || !(found.verdict.readers || found.verdict.history)) return takes;
    const places = found.field.of ? alike(found.field) : [found];
    for (const { event, version } of places) readers(event, version).forEach((one) => takes.add(one.service));
    return takes;
  };

  const item = (column, key, label, note, act) => {
    const button = make("button", { type: "button" }, ...broken(label));
    if (note) button.append(make("small", { textContent: note }));
    button.dataset.key = key;
    button.addEventListener("click", act);
    columns[column].append(make("li", {}, button));
    return button;
  };

  const draw = () => {
    const seen = shown();
    const byDomain = seen.length > MOST && !state.event;
    const found = impact();
    const related = found ? [found.event, ...(found.field ? alike(found.field).map(({ event }) => event) : [])] : [];
    for (const event of new Set(related)) if (!seen.includes(event)) seen.push(event);
    const broke = hurt(found);
    selects.domain.value = state.domain || "";
    selects.service.value = state.service || "";
    Object.values(columns).forEach((column) => column.replaceChildren());
    const rows = byDomain ? [...new Set(seen.map((event) => event.domain))] : seen.map((event) => event.id);
    const row = (event) => byDomain ? event.domain : event.id;
    const edges = new Set();
    const senders = new Set();
    const takers = new Set();
    for (const event of seen) {
      for (const one of event.sent) { senders.add(one.service); edges.add(`sends\n${one.service}\n${row(event)}`); }
      for (const one of event.received) { takers.add(one.service); edges.add(`takes\n${one.service}\n${row(event)}`); }
    }
    const focus = state.event && !byDomain ? state.event : undefined;
    const alikeIds = new Set(broke.size > 0 ? related.map((event) => event.id) : []);
    const near = new Set([...edges].filter((edge) => !focus || edge.endsWith(`\n${focus}`)).map((edge) => edge.split("\n").slice(0, 2).join("\n")));
    const service = (column, name, isHurt) => {
      const button = item(column, name, name, isHurt ? "breaks" : "", () => go({ service: state.service === name ? "" : name }));
      button.setAttribute("aria-pressed", state.service === name);
      button.classList.toggle("hurt", isHurt);
      button.classList.toggle("far", Boolean(focus) && !near.has(`${column}\n${name}`) && !isHurt);
    };
    [...senders].sort().forEach((name) => service("sends", name, false));
    [...takers].sort().forEach((name) => service("takes", name, broke.has(name)));
    rows.forEach((key) => {
      const count = seen.filter((event) => event.domain === key).length;
      const button = byDomain
        ? item("events", key, key, `${count} events`, () => { go({ domain: key }); map.scrollIntoView(); })
        : item("events", key, key, "", () => go({ event: state.event === key ? "" : key, version: "", field: "", change: "" }));
      button.setAttribute("aria-pressed", focus === key);
      button.classList.toggle("far", Boolean(focus) && focus !== key && !alikeIds.has(key));
    });
    const many = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
    map.querySelector("#map-count").textContent = byDomain
      ? `${many(seen.length, "event")} in ${many(rows.length, "domain")}: choose a domain to see its events.`
      : `${many(seen.length, "event")}, ${many(new Set([...senders, ...takers]).size, "service")}.`;
    drawn = { edges, focus, broke, alikeIds };
    connect();
    tell(found, broke);
  };

  // Curves between the columns, behind them.
  let drawn;
  const connect = () => {
    if (!drawn) return;
    const origin = board.getBoundingClientRect();
    lines.setAttribute("width", origin.width);
    lines.setAttribute("height", origin.height);
    const place = {};
    for (const [name, column] of Object.entries(columns)) {
      place[name] = new Map([...column.querySelectorAll("button")].map((button) => {
        const box = button.getBoundingClientRect();
        return [button.dataset.key, { left: box.left - origin.left, right: box.right - origin.left, middle: box.top - origin.top + box.height / 2 }];
      }));
    }
    const paths = [...drawn.edges].map((edge) => {
      const [side, service, key] = edge.split("\n");
      const from = side === "sends" ? place.sends.get(service) : place.events.get(key);
      const to = side === "sends" ? place.events.get(key) : place.takes.get(service);
      if (!from || !to) return undefined;
      const [x, z] = [from.right, to.left];
      const bend = (z - x) / 2;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", `M${x},${from.middle} C${x + bend},${from.middle} ${z - bend},${to.middle} ${z},${to.middle}`);
      const isNear = !drawn.focus || key === drawn.focus || drawn.alikeIds.has(key);
      const isHurt = isNear && drawn.focus && side === "takes" && drawn.broke.has(service);
      path.setAttribute("class", isHurt ? "hurt" : isNear ? (drawn.focus ? "near" : "") : "far");
      return path;
    });
    lines.replaceChildren(...paths.filter(Boolean));
  };

  const picker = (label, options, value, act) => {
    const select = make("select", {}, ...options.map(([key, text]) => make("option", { value: key, textContent: text })));
    select.value = value;
    select.addEventListener("change", () => act(select.value));
    return make("label", {}, label, select);
  };

  const tell = (found, broke) => {
    const before = document.activeElement?.closest("#map-panel select");
    const again = before && [...panel.querySelectorAll("select")].indexOf(before);
    panel.replaceChildren();
    if (!found) {
      panel.append(make("p", { className: "soft", textContent: "Choose an event to see who is hurt when it changes." }));
      return;
    }
    const { event, version, field } = found;
    panel.append(make("h2", {}, link(event.page, event.id)));
    if (event.summary) panel.append(make("p", { textContent: event.summary }));
    const form = make("div", { className: "bar" });
    if (event.versions.length > 1) {
      form.append(picker("Version", event.versions.map((one) => [String(one.major), one.id]), String(version.major),
        (major) => go({ version: major, field: "", change: "" })));
    }
    form.append(picker("If this field", [["", "choose a field"], ...version.fields.map((one) => [one.path, one.path])], field?.path || "",
      (path) => go({ version: String(version.major), field: path, change: "" })));
    if (field) {
      form.append(picker("changes so that it", found.verdicts.map((one) => [one.change, CHANGES[one.change]]), found.verdict.change,
        (change) => go({ change })));
    }
    panel.append(form);
    if (field) panel.append(...answer(found, broke));
    if (again !== undefined && again !== null && again >= 0) panel.querySelectorAll("select")[again]?.focus();
  };

  const answer = ({ event, version, field, verdict }, broke) => {
    const parts = [];
    const isBreak = verdict.readers || verdict.history;
    const places = field.of ? alike(field) : [{ event, version }];
    const sentence = make("p", { className: "verdict" });
    sentence.setAttribute("role", "status");
    if (!isBreak) {
      sentence.append(badge("good", "safe"), " Nobody breaks: who reads the event can do with and without the change.");
    } else if (broke.size === 0) {
      sentence.append(badge("warn", "breaking"), " It is a breaking change, but nobody receives the event in this version.");
    } else {
      const count = broke.size;
      sentence.append(badge("bad", "breaking"), ` ${count} ${count === 1 ? "service breaks" : "services break"}.`);
    }
    parts.push(sentence);
    if (isBreak) {
      const why = make("ul");
      if (verdict.readers) why.append(make("li", { textContent: "Readers that were built before cannot take what is published after." }));
      if (verdict.history) why.append(make("li", { textContent: "Readers that are built after cannot take what is stored already, nor what publishers send that were built before." }));
      parts.push(why);
    }
    if (verdict.rules.length > 0) {
      const rules = make("p", { className: "soft" }, "Rules: ");
      verdict.rules.forEach(([code, name], number) => rules.append(number ? ", " : "", make("code", { textContent: code }), ` ${name}`));
      rules.append(". ", make("code", { textContent: `tidings explain ${verdict.rules[0][0]}` }), " says more.");
      parts.push(rules);
    }
    if (field.of && places.length > 1) {
      parts.push(make("p", {}, "It belongs to the shared type ", link(`types/${field.of[0]}.html`, field.of[0]),
        `: ${places.length} versions of events have it.`));
    }
    for (const use of field.uses) parts.push(make("p", {}, badge("warn", "mind"), ` ${use}`));
    const rows = places.flatMap((place) => readers(place.event, place.version).map((one) => [place, one]));
    if (rows.length > 0) {
      const list = make("ul", { className: "who" });
      for (const [place, one] of rows) {
        const upcast = one.major === place.version.major ? "" : `, upcast to version ${one.major}`;
        list.append(make("li", { className: isBreak ? "hurt" : "" }, serviceLink(one.service), ` ${one.subscription}`,
          make("small", {}, `${place.event.id} ${place.version.id}${upcast}`)));
      }
      parts.push(make("h3", { textContent: isBreak ? "Who breaks" : "Who reads it" }), list);
    }
    const senders = [...new Set(places.flatMap((place) => writers(place.event, place.version).map((one) => one.service)))].sort();
    if (senders.length > 0) {
      const list = make("p", {}, "Published by ");
      senders.forEach((name, number) => list.append(number ? ", " : "", serviceLink(name)));
      list.append(isBreak ? ": make it a new major version, or deploy in the order that the rules ask for." : ".");
      parts.push(list);
    }
    return parts;
  };

  const option = (value, text) => make("option", { value, textContent: text });
  selects.domain.append(option("", "all"), ...catalog.domains.map((domain) => option(domain.name, domain.name)));
  selects.service.append(option("", "all"), ...catalog.services.map((service) => option(service.name, service.name)));
  selects.domain.addEventListener("change", () => go({ domain: selects.domain.value, event: "", field: "", version: "", change: "" }));
  selects.service.addEventListener("change", () => go({ service: selects.service.value }));
  map.querySelector("form").addEventListener("reset", (event) => {
    event.preventDefault();
    go({ domain: "", service: "", event: "", version: "", field: "", change: "" });
  });
  map.hidden = false;
  addEventListener("hashchange", () => { read(); draw(); });
  new ResizeObserver(connect).observe(board);
  // Services stay in sight while events are scrolled.
  let asked = false;
  addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; connect(); });
  }, { passive: true });
  read();
  draw();
})();
