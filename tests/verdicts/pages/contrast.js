// The texts of a page whose contrast to what is behind them is under 4.5 (WCAG 2.1, success criterion 1.4.3), with the
// colours that are seen: backgrounds of all ancestors laid over each other, opacity heeded.
(() => {
  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  };
  const over = (top, alpha, below) => below.map((own, at) => top[at] * alpha + own * (1 - alpha));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((own) => own / 255).map((own) => (own <= 0.04045 ? own / 12.92 : ((own + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const canvas = document.body.appendChild(document.createElement('i'));
  canvas.style.color = 'Canvas';
  const paper = colour(getComputedStyle(canvas).color).slice(0, 3);
  canvas.remove();
  const behind = (element) => {
    const style = getComputedStyle(element);
    const below = element.parentElement ? behind(element.parentElement) : paper;
    const own = colour(style.backgroundColor);
    return over(own, own[3], below);
  };
  const faint = (element) => (element ? Number(getComputedStyle(element).opacity) * faint(element.parentElement) : 1);
  const found = new Map();
  let looked = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility() || ['SCRIPT', 'STYLE'].includes(element.tagName)) continue;
    looked += 1;
    const ground = behind(element);
    const own = colour(getComputedStyle(element).color);
    const seen = over(own, own[3] * faint(element), ground);
    const [low, high] = [light(seen), light(ground)].sort((one, other) => one - other);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.set(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`, walk.currentNode.data.trim().slice(0, 40));
  }
  return { looked, found: Array.from(found, ([what, text]) => `${what}: ${text}`) };
})()
