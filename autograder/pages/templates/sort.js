"use strict";
// Sorts a table by the column whose heading is pressed; without this script the tables stay as they are.
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const isNumber = heading.classList.contains("number");
      const was = heading.getAttribute("aria-sort");
      const down = was ? was === "ascending" : isNumber;
      const value = (row) => {
        const text = row.cells[column].textContent.trim();
        return isNumber ? parseFloat(text.replace("−", "-")) : text;
      };
      const compare = (a, b) => {
        if (!isNumber) return (down ? -1 : 1) * a.localeCompare(b, undefined, { numeric: true });
        if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b); // empty ones last
        return down ? b - a : a - b;
      };
      const body = table.tBodies[0];
      const keyed = [...body.rows].map((row) => [value(row), row]);
      keyed.sort((a, b) => compare(a[0], b[0]));
      body.append(...keyed.map((pair) => pair[1]));
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    });
  });
}
