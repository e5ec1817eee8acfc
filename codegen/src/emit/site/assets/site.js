// Search, theme, tabs, buttons to copy. Pages say everything without.
"use strict";
(() => {
  const root = document.documentElement.dataset.root;
  const one = (css, within = document) => within.querySelector(css);
  const all = (css, within = document) => [...within.querySelectorAll(css)];
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // Theme: as the system has it, or the other one.
  const theme = one("#theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = () => document.documentElement.dataset.theme || (system.matches ? "dark" : "light");
  const label = () => {
    const other = current() === "dark" ? "light" : "dark";
    theme.textContent = other === "dark" ? "Dark" : "Light";
    theme.setAttribute("aria-label", `Use the ${other} theme`);
  };
  theme.hidden = false;
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = current() === "dark" ? "light" : "dark";
    try { localStorage.setItem("tidings-theme", current()); } catch { /* It lasts for this page. */ }
    label();
  });
  system.addEventListener("change", label);
  label();

  // On a phone the contents are closed until they are wanted.
  const narrow = matchMedia("(max-width: 60rem)");
  const contents = one(".side details");
  const fit = () => { contents.open = !narrow.matches; };
  narrow.addEventListener("change", fit);
  fit();

  // Sections side by side become tabs.
  all(".tabs").forEach((group, number) => {
    const panels = all(":scope > .tab", group);
    if (panels.length < 2) return;
    const list = make("div", { className: "tablist" });
    list.setAttribute("role", "tablist");
    const tabs = panels.map((panel, index) => {
      const heading = one("h3", panel);
      const tab = make("button", { type: "button", id: `tab-${number}-${index}` });
      tab.append(...heading.childNodes);
      heading.remove();
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id = `panel-${number}-${index}`);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => choose(index));
      return tab;
    });
    const choose = (index) => tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", at === index);
      tab.tabIndex = at === index ? 0 : -1;
      panels[at].hidden = at !== index;
    });
    list.append(...tabs);
    list.addEventListener("keydown", (event) => {
      const at = tabs.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = (to + tabs.length) % tabs.length;
      choose(next);
      tabs[next].focus();
    });
    group.prepend(list);
    choose(0);
  });

  // A word of colour for code: strings, comments, numbers, names of JSON.
  const tokens = /("(?:[^"\\\n]|\\.)*")(\s*:)?|(\/\/[^\n]*|#(?!\[)[^\n]*)|\b(-?\d[\d.]*|true|false|null)\b/g;
  all("pre[data-language] > code").forEach((code) => {
    const language = code.parentElement.dataset.language;
    const text = code.textContent;
    if (language !== "text") {
      const parts = [];
      let end = 0;
      for (const found of text.matchAll(tokens)) {
        const [whole, string, colon, comment] = found;
        if (comment && language === "json") continue;
        if (comment && comment[0] === "#" && !["python", "console"].includes(language)) continue;
        parts.push(text.slice(end, found.index));
        const kind = string ? (colon && language === "json" ? "t-name" : "t-text") : comment ? "t-comment" : "t-number";
        parts.push(make("span", { className: kind, textContent: string || whole }), string ? colon || "" : "");
        end = found.index + whole.length;
      }
      parts.push(text.slice(end));
      code.replaceChildren(...parts);
    }
    const copy = make("button", { type: "button", className: "copy", textContent: "Copy" });
    copy.addEventListener("click", async () => {
      const plain = language === "console" ? text.replace(/^\$ /gm, "") : text;
      try {
        await navigator.clipboard.writeText(plain);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        copy.textContent = "Selected";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
    const frame = make("div", { className: "code" });
    code.parentElement.replaceWith(frame);
    const pre = make("pre", { tabIndex: 0 }, code);
    pre.setAttribute("role", "group");
    pre.setAttribute("aria-label", language === "text" ? "Code" : `Code, ${language}`);
    frame.append(pre, copy);
  });

  // Search: the index is read when somebody wants to search.
  const box = one(".search");
  const input = one("#search");
  const found = one("#found");
  box.hidden = false;
  let index;
  let chosen = -1;
  const load = () => index ??= new Promise((done) => {
    const script = make("script", { src: `${root}assets/search.js` });
    script.addEventListener("load", () => done(window.TIDINGS_SEARCH.map((entry) => ({
      kind: entry[0], name: entry[1], page: entry[2], words: entry[3], fields: entry[4],
      lower: entry[1].toLowerCase(), prose: entry[3].toLowerCase(),
    }))));
    document.head.append(script);
  });
  const scored = (entry, words) => {
    let score = 0;
    let field;
    for (const word of words) {
      const at = entry.lower.indexOf(word);
      if (at === 0) score += 60;
      else if (at > 0) score += ".-_".includes(entry.lower[at - 1]) ? 45 : 25;
      else {
        const hit = entry.fields.find((path) => path.toLowerCase().includes(word));
        if (hit) { score += 15; field ??= hit; }
        else if (entry.prose.includes(word)) score += 10;
        else return undefined;
      }
    }
    const bonus = { event: 8, service: 6, domain: 4, type: 3, stream: 2 }[entry.kind] || 0;
    return { entry, field, score: score + bonus - entry.name.length / 100 };
  };
  const search = async () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const entries = await load();
    const hits = words.length === 0 ? [] : entries.map((entry) => scored(entry, words)).filter(Boolean)
      .sort((a, b) => b.score - a.score).slice(0, 12);
    chosen = hits.length > 0 ? 0 : -1;
    found.replaceChildren(...hits.map(({ entry, field }, number) => {
      const link = make("a", { href: root + entry.page, id: `found-${number}`, tabIndex: -1 },
        make("span", { className: "kind", textContent: entry.kind }), make("b", {}, ...entry.name.split(/(?<=[._-])/).flatMap((part) => [part, make("wbr")])),
        make("small", { textContent: field ? `field ${field}` : entry.words }));
      link.setAttribute("role", "option");
      return link;
    }));
    if (words.length > 0 && hits.length === 0) {
      const nothing = make("p", { textContent: "Nothing has these words." });
      nothing.setAttribute("role", "option");
      nothing.setAttribute("aria-disabled", "true");
      found.append(nothing);
    }
    found.hidden = words.length === 0;
    input.setAttribute("aria-expanded", !found.hidden);
    mark();
  };
  const mark = () => {
    all("a", found).forEach((link, number) => link.setAttribute("aria-selected", number === chosen));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", `found-${chosen}`);
      one(`#found-${chosen}`).scrollIntoView({ block: "nearest" });
    }
  };
  const close = () => { found.hidden = true; input.setAttribute("aria-expanded", "false"); };
  input.addEventListener("focus", load);
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const links = all("a", found);
    if (event.key === "Escape") { if (found.hidden) input.blur(); close(); }
    else if (event.key === "Enter" && links[chosen]) links[chosen].click();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (links.length > 0) chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + links.length) % links.length;
      mark();
    }
  });
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) close(); });
  document.addEventListener("keydown", (event) => {
    const writes = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !writes && !event.ctrlKey && !event.metaKey) { event.preventDefault(); input.focus(); }
  });

  // What a link leads to is opened.
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let around = target; around; around = around.parentElement) if (around.tagName === "DETAILS") around.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
})();
