// Before the first paint: the theme that the visitor chose, else the system's.
(() => {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;

  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  // The documentation of the API knows night by this class.
  const show = () => root.classList.toggle("dark-mode", dark());
  const changed = () => {
    show();
    document.dispatchEvent(new Event("themechange"));
  };
  show();

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    root.dataset.theme = dark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    changed();
  });
  system.addEventListener("change", changed);
})();
