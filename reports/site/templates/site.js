// Filters the index by words: a row is shown where each of them stands in it.
"use strict";
const search = document.getElementById("search");
if (search) {
  const rows = [...document.querySelectorAll("#rows tr")].map((row) => [row, row.dataset.words.toLowerCase()]);
  const found = document.getElementById("found");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    found.textContent = `${shown} of ${rows.length}`;
    location.replace(`#${encodeURIComponent(words.join(" "))}`);
  };
  search.value = decodeURIComponent(location.hash.slice(1));
  search.addEventListener("input", filter);
  if (search.value) filter();
}
