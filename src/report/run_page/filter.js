(() => {
  'use strict';
  // The tree is narrowed by what stands in the address, and the address follows the form: a view can be passed on.
  const form = document.getElementById('filter');
  const told = document.getElementById('told');
  const rows = Array.from(document.querySelectorAll('tr[data-status]'), (row) => ({
    row, own: row.dataset, words: row.textContent.toLowerCase(),
  }));
  const sections = Array.from(document.querySelectorAll('section.requirement'));
  const fields = Array.from(form.elements).filter((field) => field.name);

  const read = () => {
    const asked = new URLSearchParams(location.search);
    for (const field of fields) {
      field.value = asked.get(field.name) ?? '';
      if (field.selectedIndex === -1) field.value = '';
    }
  };

  const narrow = () => {
    const asked = Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]));
    const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
    let seen = 0;
    for (const one of rows) {
      const fits = ['level', 'status', 'area'].every((key) => asked[key] === '' || asked[key] === one.own[key]);
      const kept = fits ? words.every((word) => one.words.includes(word)) : false;
      one.row.hidden = !kept;
      seen += kept ? 1 : 0;
    }
    for (const section of sections) section.hidden = !section.querySelector('tr[data-status]:not([hidden])');
    told.textContent = `${seen} of ${rows.length} lines shown`;
    return asked;
  };

  const follow = () => {
    const asked = new URLSearchParams(Object.entries(narrow()).filter((pair) => pair[1] !== ''));
    const query = asked.toString();
    history.replaceState(null, '', (query ? `?${query}` : location.pathname) + location.hash);
  };

  form.hidden = false;
  form.addEventListener('input', follow);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    for (const field of fields) field.value = '';
    follow();
  });
  window.addEventListener('popstate', () => { read(); narrow(); });
  read();
  narrow();
})();
