"use strict";
(() => {
  const root = document.documentElement;
  const stored = (store, key, value) => {
    try {
      if (value !== undefined) store().setItem(key, value);
      return store().getItem(key);
    } catch {
      return null; // a browser may refuse to remember
    }
  };
  const local = () => localStorage;
  const session = () => sessionStorage;
  const theme = stored(local, "theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  root.classList.add("js");

  const started = () => {
    const at = document.body.dataset;
    const find = (id) => document.getElementById(id);

    const button = find("theme");
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : !matchMedia("(prefers-color-scheme: light)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      stored(local, "theme", root.dataset.theme);
    });

    const moments = { timeZone: at.zone || undefined, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const clock = (text) => `${new Date(text).toLocaleTimeString("en-GB", moments)} ${at.zoneName}`;
    const day = (text) =>
      new Date(text).toLocaleDateString("en-GB", { timeZone: at.zone || undefined, day: "numeric", month: "short" });
    const age = (minutes) => {
      if (minutes < 60) return `${minutes} min`;
      const hours = Math.floor(minutes / 60);
      return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
    };

    const grownOld = () => {
      root.classList.add("old");
      document.querySelectorAll(".words, .state.market").forEach((one) => one.remove());
      const summary = find("summary");
      const said = document.createElement("p");
      said.textContent =
        `These numbers are old: they were made for ${day(at.asOf)}, ${clock(at.asOf)}, and a newer document should be ` +
        "here. Do not rely on them. What stands below is what was said then.";
      summary.replaceChildren(said);
    };

    const tellAge = () => {
      const now = Date.now();
      const minutes = Math.floor((now - Date.parse(at.asOf)) / 60000);
      const pill = find("age");
      pill.textContent = minutes < -1 ? "this device's clock is behind" : `● ${age(Math.max(minutes, 0))} old`;
      const due = at.nextDue ? Date.parse(at.nextDue) : Infinity;
      const old = now > Date.parse(at.oldFrom);
      const late = now > due || old;
      root.classList.toggle("late", late);
      const line = find("late");
      line.hidden = !late;
      const since = Number.isFinite(due) ? at.nextDue : at.oldFrom;
      const on = day(since) === day(new Date(now)) ? "" : `${day(since)}, `;
      line.textContent = old
        ? `Old: no newer document since ${on}${clock(since)}. The publisher may have trouble.`
        : `The next document has been due since ${on}${clock(since)}; some minutes of delay are normal.`;
      if (old && !root.classList.contains("old")) grownOld();
    };
    if (find("age")) {
      tellAge();
      setInterval(tellAge, 15000);
      document.addEventListener("visibilitychange", tellAge);
    }

    const nav = find("tabs");
    if (nav) {
      const tabs = [...nav.querySelectorAll("a")];
      const names = tabs.map((tab) => tab.hash.slice(1));
      const panels = names.map((name) => find(name));
      nav.setAttribute("role", "tablist");
      tabs.forEach((tab, index) => {
        tab.id = `tab-${names[index]}`;
        tab.setAttribute("role", "tab");
        // Renamed, so that the browser does not jump to a tab and hide the header above it.
        panels[index].id = `panel-${names[index]}`;
        panels[index].setAttribute("role", "tabpanel");
        panels[index].removeAttribute("aria-label");
        panels[index].setAttribute("aria-labelledby", tab.id);
        tab.setAttribute("aria-controls", panels[index].id);
      });
      const show = () => {
        const chosen = Math.max(names.indexOf(location.hash.slice(1)), 0);
        tabs.forEach((tab, index) => {
          tab.setAttribute("aria-selected", String(index === chosen));
          tab.tabIndex = index === chosen ? 0 : -1;
          panels[index].classList.toggle("shown", index === chosen);
        });
        if (nav.getBoundingClientRect().top <= 0) scrollTo(0, nav.parentElement.offsetTop + summaryHeight());
      };
      const summaryHeight = () => nav.offsetTop - nav.parentElement.offsetTop;
      const go = (index) => {
        location.hash = names[index];
        tabs[index].focus({ preventScroll: true });
      };
      nav.addEventListener("keydown", (event) => {
        const from = tabs.indexOf(document.activeElement);
        const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (from < 0 || to === undefined) return;
        event.preventDefault();
        go((to + tabs.length) % tabs.length);
      });
      addEventListener("hashchange", show);
      show();
    }

    const poll = async () => {
      if (document.hidden) return;
      const line = find("poll");
      const say = (text) => {
        line.hidden = !text;
        line.textContent = text;
      };
      try {
        const answer = await fetch("aegismatrix.json", { cache: "no-cache" });
        if (!answer.ok) throw new Error(String(answer.status));
        const made = (await answer.json()).generated_at;
        if (Number.isNaN(Date.parse(made))) throw new Error("no document");
        if (!(Date.parse(made) > Date.parse(at.generatedAt))) {
          say("");
        } else if (stored(session, "reloaded") !== made && stored(session, "reloaded", made) === made) {
          location.reload();
        } else {
          say("A newer document is published; this page follows within some minutes.");
        }
      } catch {
        say("The server cannot be reached, or has no document: this page may not be the newest.");
      }
    };
    if (at.generatedAt && location.protocol.startsWith("http")) {
      setInterval(poll, 60000);
      document.addEventListener("visibilitychange", poll);
    }
  };
  document.addEventListener("DOMContentLoaded", started);
})();
