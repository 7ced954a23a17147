// Without this script the page is complete; with it, tables sort and can be narrowed down.
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  const rows = [...body.rows];

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const key = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(key.replaceAll(',', ''));
    return key !== '' && Number.isFinite(number) ? number : key;
  };

  const compare = (a, b) =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });

  const sortBy = (column, head) => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    for (const each of table.tHead.rows[0].cells) each.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const sorted = [...rows].sort((a, b) => compare(keyOf(a, column), keyOf(b, column)));
    body.append(...(down ? sorted.reverse() : sorted));
  };

  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    button.addEventListener('click', () => sortBy(column, head));
    head.append(button);
  });

  if (rows.length > 8) {
    const input = document.createElement('input');
    input.type = 'search';
    input.placeholder = 'Filter rows';
    input.setAttribute('aria-label', `Filter rows: ${table.caption.textContent.slice(0, 60)}`);
    input.addEventListener('input', () => {
      const words = input.value.toLowerCase().split(/\s+/);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    });
    table.parentElement.before(input);
  }
}
