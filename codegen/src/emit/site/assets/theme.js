// Before anything is painted: the theme that was chosen here before. Without one, it is the system's.
(() => {
  "use strict";
  try {
    const chosen = localStorage.getItem("tidings-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch { /* Some browsers keep nothing for pages from a folder. */ }
})();
