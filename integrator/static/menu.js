// A <details class="menu"> opens by itself; this closes it on Escape and when one goes elsewhere.
"use strict";

for (const menu of document.querySelectorAll("details.menu")) {
  const close = () => {
    menu.open = false;
  };
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) close();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      close();
      menu.querySelector("summary").focus();
    }
  });
}
