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
  const compared = form.dataset.compared === 'yes';

  // What a query can ask for, each by what stands with a line.
  const asks = {
    status: (own, value) => own.status === value.replaceAll(' ', '_'),
    level: (own, value) => own.level.toLowerCase() === value,
    area: (own, value) => own.area === value,
    req: (own, value) => own.req.toLowerCase() === value,
    is: (own, value) => own.is.split(' ').includes(value),
  };

  const read = () => {
    const asked = new URLSearchParams(location.search);
    for (const field of fields) {
      field.value = asked.get(field.name) ?? '';
      if (field.selectedIndex === -1) field.value = '';
    }
  };

  // A word of a query as a question about a line, and what is to be said about it.
  const question = (word) => {
    const not = word.length > 1 ? word.startsWith('-') : false;
    const bare = not ? word.slice(1) : word;
    const [key, ...rest] = bare.split(':');
    const [asked, value] = bare === 'flaky' ? ['is', 'flaky'] : [key, rest.join(':')];
    const holds = value === '' || !Object.hasOwn(asks, asked)
      ? (one) => one.words.includes(bare)
      : (one) => value.split(',').some((either) => asks[asked](one.own, either));
    const unknown = asked === 'is' ? value === 'different' ? !compared : false : false;
    return { holds: (one) => holds(one) !== not, unknown };
  };

  const narrow = () => {
    const asked = Object.fromEntries(fields.map((field) => [field.name, field.value.trim()]));
    const questions = asked.q.toLowerCase().split(/\s+/).filter(Boolean).map(question);
    let seen = 0;
    for (const one of rows) {
      const fits = ['level', 'status', 'area'].every((key) => asked[key] === '' || asked[key] === one.own[key]);
      const kept = fits ? questions.every((own) => own.holds(one)) : false;
      one.row.hidden = !kept;
      seen += kept ? 1 : 0;
    }
    for (const section of sections) section.hidden = !section.querySelector('tr[data-status]:not([hidden])');
    const unknown = questions.some((own) => own.unknown) ? '; what differs is not known without --baseline' : '';
    told.textContent = `${seen} of ${rows.length} lines shown${unknown}`;
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

  // What is there to be copied has a button; without scripts a click takes all of the text.
  for (const text of document.querySelectorAll('pre.copy')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy: ${text.getAttribute('aria-label')}`);
    button.addEventListener('click', () => {
      const done = () => { button.textContent = 'Copied'; };
      const select = () => { getSelection().selectAllChildren(text); button.textContent = 'Selected'; };
      navigator.clipboard ? navigator.clipboard.writeText(text.textContent).then(done, select) : select();
    });
    text.after(button);
  }
})();
