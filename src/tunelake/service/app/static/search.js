// The list below the search field: arrows walk through it, Enter takes, Escape closes.
for (const form of document.querySelectorAll("[data-search]")) {
  const field = form.querySelector("input");
  const list = form.querySelector(".found");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const current = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  const select = (index) => {
    const all = options();
    for (const [place, option] of all.entries()) option.setAttribute("aria-selected", String(place === index));
    if (all[index]) {
      field.setAttribute("aria-activedescendant", all[index].id);
      all[index].scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };
  const open = (yes) => {
    field.setAttribute("aria-expanded", String(yes && options().length > 0));
    if (!yes) select(-1);
  };

  list.addEventListener("htmx:afterSwap", () => open(document.activeElement === field));
  field.addEventListener("focus", () => open(true));
  field.addEventListener("keydown", (event) => {
    const last = options().length - 1;
    if (event.isComposing || last < 0) return;
    const at = current();
    if (event.key === "ArrowDown") select(at >= last ? 0 : at + 1);
    else if (event.key === "ArrowUp") select(at <= 0 ? last : at - 1);
    else if (event.key === "Escape") open(false);
    else if (event.key === "Enter" && at >= 0) options()[at].click();
    else return;
    event.preventDefault();
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) open(false);
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    document.querySelector("#q")?.focus();
    event.preventDefault();
  }
});
